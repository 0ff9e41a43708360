import { expect, test as base } from 'vitest'
import { kinds } from '../../../src/crds/index.ts'
import { fastClock } from '../../support/fast-clock.ts'
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

// One after the other: each file has its own TargetCluster, and there is one cluster.
test.for(waitingExamples)('examples/waiting/$file waits as it says', async (example, { stage }) => {
  const waiting = await bring(stage, example)
  await waiting.end()
})

base('every condition and reason that an example names is registered', () => {
  const unknown = waitingExamples.filter(({ documents, condition }) => {
    const kind = kinds.find((one) => one.kind === documents.at(-1)?.kind)
    return kind?.reasons[condition.reason]?.conditions.includes(condition.type) !== true
  })
  expect(unknown.map(({ file }) => file)).toEqual([])
})
