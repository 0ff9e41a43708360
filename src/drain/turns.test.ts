import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('the same key goes in turn, also after a failure; another key does not wait', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const gates = new Map(['a1', 'a2', 'b1'].map((name) => [name, Promise.withResolvers<void>()]))
  const run = async (key: string, name: string): Promise<void> =>
    await turns.take(key, async () => {
      seen.push(name)
      await gates.get(name)?.promise
    })
  const all = Promise.allSettled([run('a', 'a1'), run('a', 'a2'), run('b', 'b1')])
  expect(seen).toEqual(['a1', 'b1'])
  gates.get('b1')?.resolve()
  gates.get('a2')?.resolve()
  gates.get('a1')?.reject(new Error('refused'))
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(seen).toEqual(['a1', 'b1', 'a2'])
})
