import { playHardest } from './one-death.ts'
import { create, createAndFill, recreate } from './stories.ts'
import { playEveryDeath, test } from './theatre.ts'

test('killed before and after every write of a creation, the end is the same', { timeout: 600_000 }, async ({ theatre }) => {
  await playEveryDeath(theatre, create, 1)
})

test('killed while it fills in the number, the end is the same', { timeout: 600_000 }, async ({ theatre }) => {
  await playEveryDeath(theatre, createAndFill, 0.1)
})

test('killed while it makes a group again that EKS failed to make, the end is the same', { timeout: 1_800_000 }, async ({ theatre }) => {
  await playHardest(theatre, recreate, { when: 'after', about: 'eks:DeleteNodegroup' })
})
