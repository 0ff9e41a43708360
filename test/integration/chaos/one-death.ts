import { expect } from 'vitest'
import type { KillPoint } from '../../support/killable-operator.ts'
import type { Story } from './story.ts'
import { type Theatre, playDeaths, wantsAll } from './theatre.ts'

/** Where a story is hardest on who died: at a write `about` something. */
export interface Hardest {
  readonly when: KillPoint['when']
  readonly about: string
}

/** For stories that take long: all deaths where all are wanted, else the hardest one alone. */
export async function playHardest(theatre: Theatre, story: Story, { when, about }: Hardest): Promise<void> {
  if (wantsAll) return await playDeaths(theatre, story, 1)
  expect(await theatre.play(story, { at: 1, when }, about)).toMatchObject({ reached: true })
}
