import { appendFile } from 'node:fs/promises'
import { expect, inject } from 'vitest'
import { kinds } from '../../src/crds/index.ts'
import { audited } from './audit.ts'
import { namesNextStep } from './next-step.ts'

/** One line of `seenReasonsFile`: what one stage saw, and the test file that it belongs to. */
export interface SeenReasons {
  readonly file: string
  /** `EksNodeGroup Stalled AlreadyExists` */
  readonly seen: readonly string[]
}

/**
 * Takes every (kind, condition, reason) that operators of this plane wrote, as the API server tells it, and throws when one is not in the registry
 * of `src/crds`, or one that needs a person has a message without a next step (P8). `Ready` may repeat the reason of any other condition of the same
 * write, and with it the message.
 */
export async function collectReasons(auditLog: string): Promise<void> {
  const seen = new Set<string>()
  const unknown = new Set<string>()
  const stepless = new Set<string>()
  for (const { kind: path, conditions } of await audited(auditLog)) {
    const kind = kinds.find(({ plural }) => `${plural}/status` === path)
    if (kind === undefined) continue
    for (const { type, reason, message } of conditions) {
      const where = `${kind.kind} ${type} ${reason}`
      const entry = kind.reasons[reason]
      const repeats = type === 'Ready' && conditions.some((other) => other.type !== 'Ready' && other.reason === reason)
      if (entry !== undefined && (repeats || reason === 'Pending' || entry.conditions.includes(type))) seen.add(where)
      else unknown.add(where)
      if (entry?.needsPerson === true && !repeats && !namesNextStep(message)) stepless.add(`${where}: ${message}`)
    }
  }
  const { seenReasons } = inject('controlPlane')
  const line: SeenReasons = { file: expect.getState().testPath ?? '', seen: [...seen].toSorted() }
  await appendFile(seenReasons, `${JSON.stringify(line)}\n`)
  if (unknown.size > 0) throw new Error(`seen, but not in src/crds/*-reasons.ts: ${[...unknown].toSorted().join('; ')}`)
  if (stepless.size > 0) throw new Error(`these need a person and do not say what to do:\n${[...stepless].toSorted().join('\n')}`)
}
