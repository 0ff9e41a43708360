import { expect, test as base } from 'vitest'
import { kinds } from '../../../src/crds/index.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { namesNextStep } from '../../support/next-step.ts'
import { runOperator } from '../../support/operator.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'
import { bring, waitingExamples } from './waiting.ts'

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
test.for(quick)('examples/waiting/$file waits as it says', async (example, { stage }) => {
  const waiting = await bring(stage, example)
  try {
    await waiting.arrived()
  } finally {
    // the next example needs the cluster
    await waiting.end()
  }
})

base('an example of what needs a person looks for the next step in the message', () => {
  const without = waitingExamples.filter(({ documents, condition, message }) => {
    const kind = kinds.find((one) => one.kind === documents.at(-1)?.kind)
    return kind?.reasons[condition.reason]?.needsPerson === true && !namesNextStep(`: ${message}`)
  })
  expect(without.map(({ file }) => file)).toEqual([])
})

base('every condition and reason that an example names is registered', () => {
  const unknown = waitingExamples.filter(({ documents, condition }) => {
    const kind = kinds.find((one) => one.kind === documents.at(-1)?.kind)
    return kind?.reasons[condition.reason]?.conditions.includes(condition.type) !== true
  })
  expect(unknown.map(({ file }) => file)).toEqual([])
})
