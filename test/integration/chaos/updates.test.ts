import { playHardest } from './one-death.ts'
import { relabel, retag, updateRelease } from './update-stories.ts'
import { playEveryDeath, test } from './theatre.ts'

for (const story of [updateRelease, relabel]) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 900_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, 0.1)
  })
}

test(`${retag.title}: killed before and after its writes, the end is the same`, { timeout: 900_000 }, async ({ theatre }) => {
  await playHardest(theatre, retag, { when: 'after', about: 'eks:UntagResource' })
})
