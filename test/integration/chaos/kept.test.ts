import { test as base } from 'vitest'
import { fastClock } from '../../support/fast-clock.ts'
import { KillableOperator } from '../../support/killable-operator.ts'
import { observeMidDrain, retainMidDrain } from './kept-stories.ts'
import { Theatre, playEveryDeath } from './theatre.ts'

/** Half a minute is given to an object that waits to go, which a death shall not use up here: the clock is slower than elsewhere. */
const test = base.extend<{ readonly theatre: Theatre }>({
  theatre: [
    async ({}, use) => {
      const theatre = await Theatre.open('kept', {
        operator: async ({ plane, cloud }) =>
          await Promise.resolve(new KillableOperator({ access: plane.identities.operator, cloudUrl: cloud.url, clock: fastClock(5) })),
      })
      await use(theatre)
      await theatre.close()
    },
    { scope: 'file' },
  ],
})

for (const story of [retainMidDrain, observeMidDrain]) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 1_800_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, 0.1)
  })
}
