import { expect } from 'vitest'
import { strictScenario } from '../../support/strict.ts'
import { orderRemoves } from './leaving-stories.ts'
import { create } from './stories.ts'
import { Theatre, answerLost, theatreTest } from './theatre.ts'

/** Slow calls, low rates, short pages; and what was made shows so late that the next life does not find it yet. */
const test = theatreTest(async () => {
  const strict = await strictScenario()
  const scenario = { ...strict, delays: { ...strict.delays, nodegroupVisibleSeconds: 300 } }
  return await Theatre.open('strict-chaos', { cloudSpeed: 15, scenario, patienceMs: 150_000 })
})

test('G11: killed when EKS has taken the creation and shows nothing of it yet, it makes no second group', { timeout: 300_000 }, async ({ theatre }) => {
  const before = (await theatre.stage.cloud.allCalls()).length
  expect(await theatre.play(create, answerLost, 'eks:CreateNodegroup')).toMatchObject({ reached: true })
  const calls = (await theatre.stage.cloud.allCalls()).slice(before)
  const reads = calls.filter(({ action }) => action === 'CreateNodegroup' || action === 'DescribeNodegroup')
  const taken = reads.findIndex(({ action, status }) => action === 'CreateNodegroup' && status === 200)
  expect(reads[taken + 1]).toMatchObject({ action: 'DescribeNodegroup', status: 404 })
})

test('G11: killed when AWS ends the drained node and it does not know, it ends no second one', { timeout: 300_000 }, async ({ theatre }) => {
  expect(await theatre.play(orderRemoves, answerLost, 'TerminateInstanceInAutoScalingGroup')).toMatchObject({ reached: true })
})
