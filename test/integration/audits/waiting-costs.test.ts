import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { audited, isRead, operatorUser } from '../../support/audit.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { openStage } from '../../support/world.ts'
import { bring, waitingExamples } from './waiting.ts'

/** Twenty minutes of the operator's time in a minute; the API server's bookmarks and time-outs stay real. */
const speed = 20

/** What waits for a person, who may be away for days. */
const files = ['reference-not-found.yaml', 'not-allowed-in-namespace.yaml', 'already-exists.yaml', 'waiting-for-confirmation.yaml']

interface Costs {
  readonly logLines: number
  readonly statusWrites: number
  readonly awsCalls: number
}

const limit: Costs = { logLines: 5, statusWrites: 2, awsCalls: 2 }

test('ten minutes of waiting cost at most 5 log lines, 2 status writes and 2 calls to AWS of its own', { timeout: 240_000 }, async () => {
  const stage = await openStage('waiting-costs', { cloudSpeed: speed * 60 })
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  const operator = await runOperator({
    access: stage.plane.identities.operator,
    cloudUrl: stage.cloud.url,
    clock: fastClock(speed),
    log: createLogger({ level: 'info', destination }),
  })
  await stage.openNamespace('training')
  const brought = []
  for (const file of files) {
    const example = waitingExamples.find((one) => one.file === file)
    if (example === undefined) throw new Error(`no example ${file}`)
    brought.push({ file, ...(await bring(stage, example)) })
  }
  await systemClock.sleep(60_000 / speed) // what brought them here comes to rest
  const begun = { at: systemClock.now(), lines: lines.length, calls: (await stage.cloud.allCalls()).at(-1)?.sequence ?? 0 }
  await systemClock.sleep(600_000 / speed)
  const since = lines.slice(begun.lines)
  const writes = (await audited(stage.plane.auditLog)).filter((request) => request.user === operatorUser && !isRead(request) && request.at >= begun.at)
  const calls: Record<string, Costs> = {}
  for (const { file, subject } of brought) {
    const { name, namespace } = subject.key
    const key = `${namespace ?? ''}/${name}`
    calls[file] = {
      logLines: since.filter((line) => line.includes(key)).length,
      statusWrites: writes.filter(({ target }) => target.endsWith(key)).length,
      awsCalls: (await stage.cloud.calls(name)).filter(({ sequence }) => sequence > begun.calls).length,
    }
  }
  await operator.stop()
  await stage.close()
  const over = Object.entries(calls).filter(([, costs]) => (Object.keys(limit) as (keyof Costs)[]).some((what) => costs[what] > limit[what]))
  expect(Object.fromEntries(over)).toEqual({})
})
