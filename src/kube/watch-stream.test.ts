import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WatchEvent } from './client.ts'
import { isKubeError } from './kube-error.ts'
import { watchEvents } from './watch-stream.ts'

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  let from = 0
  for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
    if (cut <= from || cut > bytes.length) continue
    yield bytes.subarray(from, cut)
    from = cut
  }
}

async function read(text: string, cuts: readonly number[] = []): Promise<{ readonly events: readonly WatchEvent<unknown>[]; readonly error?: unknown }> {
  const events: WatchEvent<unknown>[] = []
  try {
    for await (const event of watchEvents(pieces(Buffer.from(text), cuts))) events.push(event)
  } catch (error) {
    return { events, error }
  }
  return { events }
}

function line(name: string): string {
  return `${JSON.stringify({ type: 'ADDED', object: { metadata: { name } } })}\n`
}

test('however the bytes are cut, also inside a letter, the same events come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), fc.array(fc.nat({ max: 400 }), { maxLength: 20 }), async (names, cuts) => {
      const { events, error } = await read(names.map(line).join(''), cuts)
      expect(error).toBeUndefined()
      expect(events.map(({ object }) => (object as { metadata: { name: string } }).metadata.name)).toEqual(names)
    }),
  )
})

const broken: Readonly<Record<string, string>> = {
  'a last line that is cut': `${line('a')}{"type":"ADDED","obj`,
  'a line that is not JSON': `${line('a')}{"type":\n${line('b')}`,
  'a line that is no event': `${line('a')}{"kind":"Status"}\n`,
  'an event without an object': `${line('a')}{"type":"ADDED"}\n`,
  'an event of an unknown type': `${line('a')}{"type":"GUESSED","object":{}}\n`,
}
test.each(Object.entries(broken))('%s is an error, after the events before it', async (_, text) => {
  const { events, error } = await read(text)
  expect(events).toHaveLength(1)
  expect(isKubeError(error, 'BrokenStream')).toBe(true)
})

test('an ERROR event ends the stream with what the server said', async () => {
  const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (9)' }
  const { error } = await read(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
  expect(error).toMatchObject({ status: 410, reason: 'Expired', message: status.message })
})

test('a long list lets others run', async () => {
  let turns = 0
  const count = (): void => {
    turns += 1
    // oxlint-disable-next-line no-restricted-globals -- turns of the event loop are what is counted
    next = setImmediate(count)
  }
  // oxlint-disable-next-line no-restricted-globals -- as above
  let next = setImmediate(count)
  const { events } = await read(Array.from({ length: 500 }, (_, index) => line(`n${index}`)).join(''))
  clearImmediate(next)
  expect(events).toHaveLength(500)
  expect(turns).toBeGreaterThanOrEqual(10)
})
