import { expect } from 'vitest'
import { KillableProcess } from '../../support/killable-process.ts'
import { forcedAfter, givenSeconds } from './force-story.ts'
import { observeMidDrain, retainMidDrain } from './kept-stories.ts'
import { cancelled, deleteDrained, orderRemoves, overZones, personScalesDown, withdrawn } from './leaving-stories.ts'
import { adopt, create, createAndFill, recreate, remove, scaleUp } from './stories.ts'
import { abandoned, takenOver } from './owner-stories.ts'
import { Theatre, answerLost, playDeaths, theatreTest, wantsAll } from './theatre.ts'
import { relabel, retag, updateRelease } from './update-stories.ts'

/** The operator is the bundle, on the real clock, and its death a real one. The cloud is slow enough to be found at work by the next life. */
const test = theatreTest(
  async () =>
    await Theatre.open('process', {
      cloudSpeed: 15,
      patienceMs: 120_000,
      operator: async ({ plane, cloud }) => await KillableProcess.build({ kubeconfig: plane.identities.operator, cloudUrl: cloud.url }),
    }),
)

test('the bundle, killed by SIGKILL when EKS has taken the creation and it does not know, makes no second group', { timeout: 300_000 }, async ({ theatre }) => {
  expect(await theatre.play(create, answerLost, 'eks:POST /clusters/demo/node-groups')).toMatchObject({ reached: true })
})

test('the bundle, killed by SIGKILL when AWS ends the drained node and it does not know, ends no second one', { timeout: 300_000 }, async ({ theatre }) => {
  expect(await theatre.play(orderRemoves, answerLost, 'TerminateInstanceInAutoScalingGroup')).toMatchObject({ reached: true })
})

const leaving = [orderRemoves, personScalesDown, overZones, withdrawn, cancelled, deleteDrained, forcedAfter(givenSeconds.real)]
const stories = [
  create,
  createAndFill,
  recreate,
  scaleUp,
  remove,
  adopt,
  takenOver,
  abandoned,
  ...leaving,
  updateRelease,
  relabel,
  retag,
  retainMidDrain,
  observeMidDrain,
]

for (const story of wantsAll ? stories : []) {
  test(`${story.title}: the bundle, killed by SIGKILL at every tenth point, comes to the same end`, { timeout: 3_600_000 }, async ({ theatre }) => {
    await playDeaths(theatre, story, 0.1)
  })
}
