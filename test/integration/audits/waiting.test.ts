import { readFileSync } from 'node:fs'
import { expect, test as base } from 'vitest'
import { kinds } from '../../../src/crds/index.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { namesNextStep } from '../../support/next-step.ts'
import { runOperator } from '../../support/operator.ts'
import { type ReasonPair, reasonExceptions } from '../../support/reason-exceptions.ts'
import { unseenReasons } from '../../support/reasons-of-run.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'
import { waitingExceptions } from './waiting-exceptions.ts'
import { bring, pairsOf, waitingExamples } from './waiting.ts'

const test = base.extend<{ readonly stage: Stage }>({
  stage: [
    async ({}, use) => {
      const stage = await openStage('waiting')
      await stage.openNamespace('training')
      const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
      await use(stage)
      await operator.stop()
      await stage.close()
    },
    { scope: 'file' },
  ],
})

/** They take up to a quarter of an hour: `waiting-costs.test.ts` has a faster clock, and looks at them too. */
const slow: ReadonlySet<string> = new Set(['create-failed.yaml', 'not-joined.yaml', 'two-owners-of-count.yaml', 'zones-uneven.yaml'])
const quick = waitingExamples.filter(({ file }) => !slow.has(file))

// One after the other: each file has its own TargetCluster, and there is one cluster.
// Longer than all of its waits together: what vitest gives up goes on, and would take the cluster from the next one.
test.for(quick)('examples/waiting/$file waits as it says', { timeout: 600_000 }, async (example, { stage }) => {
  const waiting = await bring(stage, example)
  try {
    await waiting.arrived()
  } catch (error) {
    // The next example needs the cluster; where that fails too, what failed first is the news.
    await waiting.end().catch(() => undefined)
    throw error
  }
  await waiting.end()
})

base('an example of what needs a person looks for the next step in the message', () => {
  const without = waitingExamples.filter(({ documents, condition, message }) => {
    const kind = kinds.find((one) => one.kind === documents.at(-1)?.kind)
    return kind?.reasons[condition.reason]?.needsPerson === true && !namesNextStep(`: ${message}`)
  })
  expect(without.map(({ file }) => file)).toEqual([])
})

base('every condition and reason that an example names is registered', () => {
  const registered = new Set(kinds.flatMap(({ kind, reasons }) => Object.entries(reasons).flatMap(([reason, entry]) => pairs(kind, entry.conditions, reason))))
  expect(waitingExamples.flatMap((example) => pairsOf(example).filter((pair) => !registered.has(pair)))).toEqual([])
})

base('every wait for a person has an example, or a place where it is shown', () => {
  const forPeople = kinds.map(({ kind, reasons }) => ({
    kind,
    reasons: Object.fromEntries(Object.entries(reasons).filter(([, { needsPerson }]) => needsPerson)),
  }))
  const known = new Set(forPeople.flatMap(({ kind, reasons }) => Object.entries(reasons).flatMap(([reason, entry]) => pairs(kind, entry.conditions, reason))))
  // what no integration test can show no example can
  const never = reasonExceptions.map(({ why, pairs: all }) => ({ why, pairs: all.filter((pair) => known.has(pair)) }))
  expect(unseenReasons(forPeople, new Set(waitingExamples.flatMap(pairsOf)), [...never, ...waitingExceptions], 'no example')).toEqual([])
})

base.for(waitingExceptions)('$test speaks of the waits that have no example', ({ test: file, pairs: shown, why }) => {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
  const reasons = shown.map((pair) => pair.split(' ').at(-1) ?? pair)
  expect(reasons.filter((reason) => !text.includes(`'${reason}'`))).toEqual([])
  expect(why.length).toBeGreaterThan(20)
})

function pairs(kind: string, conditions: readonly string[], reason: string): readonly ReasonPair[] {
  return conditions.map((condition): ReasonPair => `${kind} ${condition} ${reason}`)
}
