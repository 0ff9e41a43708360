import { adopt, remove, scaleUp } from './stories.ts'
import { playEveryDeath, test } from './theatre.ts'

for (const story of [scaleUp, remove, adopt]) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 600_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, 0.1)
  })
}
