import { describe, expect, it } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { FreshCache } from './fresh-cache.ts'

const signal = new AbortController().signal

/** A world that answers with the number of the question, when it is told to. */
function slowWorld() {
  const answers: ((value: number) => void)[] = []
  const signals: AbortSignal[] = []
  return {
    signals,
    read: async (of: AbortSignal) => {
      signals.push(of)
      return await new Promise<number>((resolve) => answers.push(resolve))
    },
    answer: (question: number) => {
      answers[question - 1]?.(question)
    },
    get questions() {
      return answers.length
    },
  }
}

describe('FreshCache', () => {
  it.each([
    ['an answer that is young enough is used again', 1000, 1000, 1],
    ['an older one is asked for anew', 1001, 1000, 2],
    ['with 0 the world is always asked', 0, 0, 2],
  ])('%s', async (_, ageMs, maxAgeMs, questions) => {
    const clock = new FakeClock()
    const cache = new FreshCache<number>(clock)
    let asked = 0
    const read = async () => await Promise.resolve((asked += 1))
    await cache.get('k', { maxAgeMs: 1000, signal }, read)
    await clock.advance(ageMs)
    expect(await cache.get('k', { maxAgeMs, signal }, read)).toBe(questions)
  })

  it('counts the age from the start of the read', async () => {
    const clock = new FakeClock()
    const cache = new FreshCache<number>(clock)
    const world = slowWorld()
    const first = cache.get('k', { maxAgeMs: 100, signal }, world.read)
    await clock.advance(101)
    world.answer(1)
    await first
    const second = cache.get('k', { maxAgeMs: 100, signal }, world.read)
    world.answer(2)
    expect(await second).toBe(2)
  })

  it('askers at the same time share one read, which outlives the one that started it', async () => {
    const cache = new FreshCache<number>(new FakeClock())
    const world = slowWorld()
    const stop = new AbortController()
    const first = cache.get('k', { maxAgeMs: 100, signal: stop.signal }, world.read).catch((caught: unknown) => caught)
    const second = cache.get('k', { maxAgeMs: 100, signal }, world.read)
    const reason = new Error('stopping')
    stop.abort(reason)
    expect(await first).toBe(reason)
    expect(world.signals[0]?.aborted).toBe(false)
    world.answer(1)
    expect(await second).toBe(1)
    expect(world.questions).toBe(1)
  })

  it('aborts the read when the last asker went', async () => {
    const cache = new FreshCache<number>(new FakeClock())
    const world = slowWorld()
    const stop = new AbortController()
    const asking = cache.get('k', { maxAgeMs: 100, signal: stop.signal }, world.read).catch((caught: unknown) => caught)
    stop.abort(new Error('stopping'))
    await asking
    expect(world.signals[0]?.aborted).toBe(true)
  })

  it('neither keeps nor joins a read that began before a drop', async () => {
    const cache = new FreshCache<number>(new FakeClock())
    const world = slowWorld()
    const before = cache.get('k', { maxAgeMs: 100, signal }, world.read)
    cache.drop('k')
    const after = cache.get('k', { maxAgeMs: 100, signal }, world.read)
    world.answer(2)
    expect(await after).toBe(2)
    world.answer(1)
    expect(await before).toBe(1)
    expect(await cache.get('k', { maxAgeMs: 100, signal }, world.read)).toBe(2)
  })

  it('keeps no failure', async () => {
    const cache = new FreshCache<number>(new FakeClock())
    const failure = new Error('no')
    await expect(cache.get('k', { maxAgeMs: 100, signal }, async () => await Promise.reject(failure))).rejects.toBe(failure)
    expect(await cache.get('k', { maxAgeMs: 100, signal }, async () => await Promise.resolve(1))).toBe(1)
  })
})
