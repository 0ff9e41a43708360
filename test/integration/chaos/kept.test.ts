import { fastClock } from '../../support/fast-clock.ts'
import { KillableOperator } from '../../support/killable-operator.ts'
import { observeMidDrain, retainMidDrain } from './kept-stories.ts'
import { playHardest } from './one-death.ts'
import { Theatre, theatreTest } from './theatre.ts'

/** Half a minute is given to an object that waits to go, which a death shall not use up here: the clock is slower than elsewhere. */
const test = theatreTest(
  async () =>
    await Theatre.open('kept', {
      operator: async ({ plane, cloud }) =>
        await Promise.resolve(new KillableOperator({ access: plane.identities.operator, cloudUrl: cloud.url, clock: fastClock(2) })),
    }),
)

const hardest = [
  // All of ours stands still, and the next life finds its target unconnected.
  [retainMidDrain, { when: 'before', about: 'patch nodes' }],
  [observeMidDrain, { when: 'after', about: 'SetInstanceProtection' }],
] as const

for (const [story, point] of hardest) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 1_800_000 }, async ({ theatre }) => {
    await playHardest(theatre, story, point)
  })
}
