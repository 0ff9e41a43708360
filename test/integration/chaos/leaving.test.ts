import { forced } from './force-story.ts'
import { cancelled, deleteDrained, overZones, personScalesDown, withdrawn } from './leaving-stories.ts'
import { playHardest } from './one-death.ts'
import { nodeOutlives } from './outlived-story.ts'
import { playEveryDeath, test } from './theatre.ts'

for (const story of [personScalesDown, overZones, withdrawn, cancelled, deleteDrained]) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 900_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, 0.1)
  })
}

test(`${forced.title}: killed before and after its writes, the end is the same`, { timeout: 3_600_000 }, async ({ theatre }) => {
  await playHardest(theatre, forced, { when: 'after', about: 'delete pods' })
})

test(`${nodeOutlives.title}: killed before and after its writes, the end is the same`, { timeout: 1_800_000 }, async ({ theatre }) => {
  // That we asked for its end stands in the status alone.
  await playHardest(theatre, nodeOutlives, { when: 'after', about: 'TerminateInstanceInAutoScalingGroup' })
})
