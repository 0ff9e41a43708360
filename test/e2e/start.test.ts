import { expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { eventually } from '../support/eventually.ts'
import { interrupt, startDemo } from './support/demo.ts'
import { inherited } from './support/trap.ts'

// What a person waits for with an idle machine: in a project of its own, which vitest runs when all others have ended.
test('npm start shows its first node group Ready within 30 s', async ({ annotate }) => {
  const from = systemClock.monotonicMs()
  const { program, tries, type } = await startDemo(inherited())
  const [look = ''] = tries
  await eventually(async () => expect((await type(look)).text).toMatch(/eksnodegroup\.tidegate\.io\/workers +True +1\/1/))
  const readyMs = systemClock.monotonicMs() - from
  expect(readyMs).toBeLessThan(30_000)
  await annotate(`npm start → first EksNodeGroup Ready: ${(readyMs / 1000).toFixed(1)} s`, 'figure')
  expect(await interrupt(program)).toBeLessThan(10_000)
})
