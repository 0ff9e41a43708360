import { abandoned, takenOver } from './owner-stories.ts'
import { otherSecret, targetDeleted } from './target-stories.ts'
import { playEveryDeath, test } from './theatre.ts'

for (const story of [takenOver, abandoned, otherSecret, targetDeleted]) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 900_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, 0.1)
  })
}
