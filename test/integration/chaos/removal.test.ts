import { orderRemoves } from './leaving-stories.ts'
import { playEveryDeath, test } from './theatre.ts'

test('killed before and after every write of a removal by name, the end is the same', { timeout: 900_000 }, async ({ theatre }) => {
  await playEveryDeath(theatre, orderRemoves, 1)
})
