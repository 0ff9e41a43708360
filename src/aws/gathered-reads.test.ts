import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { GatheredReads } from './gathered-reads.ts'

const signal = new AbortController().signal

/** Reads that end when the test says so. */
function held({ most = 100, gapMs = 0 } = {}) {
  const clock = new FakeClock()
  const calls: { readonly keys: readonly string[]; readonly signal: AbortSignal; readonly end: (error?: Error) => void }[] = []
  const reads = new GatheredReads<string>({
    clock,
    most,
    gapMs,
    read: async (keys, shared) => {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>()
      const call = calls.length
      calls.push({ keys, signal: shared, end: (error) => (error === undefined ? resolve(undefined) : reject(error)) })
      await promise
      return new Map(keys.filter((key) => key !== 'absent').map((key) => [key, `${key} of call ${call}`]))
    },
  })
  return { clock, calls, reads, keys: () => calls.map((call) => call.keys) }
}

test('one asker waits for nobody, and those who come meanwhile share the next call', async () => {
  const { reads, calls, keys } = held()
  const first = reads.get('a', signal)
  await Promise.resolve()
  const others = Promise.all([reads.get('b', signal), reads.get('absent', signal), reads.get('b', signal)])
  expect(keys()).toEqual([['a']])
  calls[0]?.end()
  expect(await first).toBe('a of call 0')
  await Promise.resolve()
  expect(keys()).toEqual([['a'], ['b', 'absent']])
  calls[1]?.end()
  expect(await others).toEqual(['b of call 1', undefined, 'b of call 1'])
})

test('B1: an answer comes from a call that began after it was asked for, also for a key that is under way', async () => {
  const { reads, calls } = held()
  const before = reads.get('a', signal)
  await Promise.resolve()
  const after = reads.get('a', signal)
  calls[0]?.end()
  expect(await before).toBe('a of call 0')
  calls[1]?.end()
  expect(await after).toBe('a of call 1')
})

test('no call has more keys than it may have', async () => {
  const { reads, calls, keys } = held({ most: 2 })
  const all = Promise.all(['a', 'b', 'c', 'd'].map(async (key) => await reads.get(key, signal)))
  for (const call of [0, 1]) {
    await expect.poll(() => calls.length).toBe(call + 1)
    calls[call]?.end()
  }
  expect(await all).toHaveLength(4)
  expect(keys()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
})

test('a call that hangs holds up later askers for a second only', async () => {
  const { reads, calls, clock, keys } = held()
  const hanging = reads.get('a', signal)
  await clock.advance(0)
  const later = reads.get('b', signal)
  await clock.advance(999)
  expect(keys()).toEqual([['a']])
  await clock.advance(1)
  expect(keys()).toEqual([['a'], ['b']])
  calls[1]?.end()
  expect(await later).toBe('b of call 1')
  calls[0]?.end()
  expect(await hanging).toBe('a of call 0')
})

test('a call that hangs holds up nobody who asks after that second either, and its end nobody who has left since', async () => {
  const { reads, calls, clock, keys } = held({ gapMs: 100 })
  const hanging = reads.get('a', signal)
  await clock.advance(1_500)
  const second = reads.get('b', signal)
  await clock.advance(0)
  expect(keys()).toEqual([['a'], ['b']])
  calls[1]?.end()
  expect(await second).toBe('b of call 1')
  const third = reads.get('c', signal)
  await clock.advance(100)
  expect(keys()).toEqual([['a'], ['b'], ['c']])
  const fourth = reads.get('d', signal)
  calls[0]?.end()
  expect(await hanging).toBe('a of call 0')
  await clock.advance(500)
  expect(keys()).toHaveLength(3) // c is under way, and did not end
  calls[2]?.end()
  expect(await third).toBe('c of call 2')
  await clock.advance(0)
  calls[3]?.end()
  expect(await fourth).toBe('d of call 3')
  expect(clock.sleeping).toBe(0)
})

test('calls begin as far apart as they must, and who asks meanwhile shares the next one', async () => {
  const { reads, calls, clock, keys } = held({ gapMs: 100 })
  const ask = async (key: string): Promise<unknown> => {
    const answer = reads.get(key, signal)
    await clock.advance(0)
    return answer
  }
  const first = ask('a')
  await clock.advance(30)
  calls[0]?.end()
  expect(await first).toBe('a of call 0')
  const later = [ask('b'), ask('c')]
  await clock.advance(69)
  expect(keys()).toEqual([['a']])
  expect(clock.sleeping).toBe(1)
  await clock.advance(1)
  expect(keys()).toEqual([['a'], ['b', 'c']])
  await clock.advance(250)
  const last = ask('d')
  await clock.advance(0)
  expect(keys()).toHaveLength(2) // b and c are under way still
  calls[1]?.end()
  expect(await Promise.all(later)).toEqual(['b of call 1', 'c of call 1'])
  await clock.advance(0)
  expect(keys()).toEqual([['a'], ['b', 'c'], ['d']])
  calls[2]?.end()
  expect(await last).toBe('d of call 2')
  expect(clock.sleeping).toBe(0)
})

test('what nobody waits for any more when its turn comes is not asked, and the next waits for nobody', async () => {
  const { reads, calls, clock, keys } = held({ gapMs: 100 })
  const first = reads.get('a', signal)
  await clock.advance(0)
  calls[0]?.end()
  await first
  const gone = new AbortController()
  const second = reads.get('b', gone.signal)
  await clock.advance(50)
  gone.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await clock.advance(100)
  const third = reads.get('c', signal)
  await clock.advance(0)
  expect(keys()).toEqual([['a'], ['c']])
  calls[1]?.end()
  expect(await third).toBe('c of call 1')
})

test('an error is that of all who shared the call, and not of the next', async () => {
  const { reads, calls } = held()
  const first = reads.get('a', signal)
  await Promise.resolve()
  const shared = Promise.allSettled([reads.get('b', signal), reads.get('c', signal)])
  calls[0]?.end()
  await first
  await Promise.resolve()
  calls[1]?.end(new Error('no answer'))
  expect((await shared).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const next = reads.get('b', signal)
  await Promise.resolve()
  calls[2]?.end()
  expect(await next).toBe('b of call 2')
})

test('who gives up leaves the others their call; one that nobody waits for is aborted, or never made', async () => {
  const { reads, calls, keys } = held()
  const [one, two, three] = [new AbortController(), new AbortController(), new AbortController()]
  const first = reads.get('a', one.signal)
  await Promise.resolve()
  const second = reads.get('b', two.signal)
  const third = reads.get('c', three.signal)
  two.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  expect(calls[0]?.signal.aborted).toBe(false)
  three.abort(new Error('gone too'))
  await expect(third).rejects.toThrow('gone too')
  one.abort(new Error('gone as well'))
  await expect(first).rejects.toThrow('gone as well')
  expect(calls[0]?.signal.aborted).toBe(true)
  calls[0]?.end(new Error('aborted'))
  const last = reads.get('d', signal)
  await expect.poll(() => calls.length).toBe(2)
  calls[1]?.end()
  expect(await last).toBe('d of call 1')
  expect(keys()).toEqual([['a'], ['d']])
})
