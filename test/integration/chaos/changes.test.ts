import { adopt, remove, scaleUp } from './stories.ts'
import { playEveryDeath, test } from './theatre.ts'

const shares = [
  [scaleUp, 0.1],
  [remove, 1],
  [adopt, 0.1],
] as const

for (const [story, share] of shares) {
  test(`${story.title}: killed before and after its writes, the end is the same`, { timeout: 900_000 }, async ({ theatre }) => {
    await playEveryDeath(theatre, story, share)
  })
}
