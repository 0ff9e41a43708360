import { describe, expect, test } from 'vitest'
import { TargetRegistry } from './target-registry.ts'

/** A target whose opening ends when the test says so. */
function opening() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const seen: { opened: number; signal?: AbortSignal } = { opened: 0 }
  const open = async (signal: AbortSignal): Promise<string> => {
    seen.opened += 1
    seen.signal = signal
    return promise
  }
  return { open, seen, resolve, reject }
}

describe('TargetRegistry', () => {
  test('opens once for all who ask', async () => {
    const registry = new TargetRegistry<string>()
    const { open, seen, resolve } = opening()
    const [first, second] = [registry.acquire('demo', 'v1', open), registry.acquire('demo', 'v1', open)]
    expect(registry.get('demo')).toBeUndefined()
    resolve('client')
    expect(await Promise.all([first, second, registry.acquire('demo', 'v1', open)])).toEqual(['client', 'client', 'client'])
    expect(seen.opened).toBe(1)
    expect(registry.get('demo')).toBe('client')
  })

  test('another fingerprint stops the old one and opens anew', async () => {
    const registry = new TargetRegistry<string>()
    const old = opening()
    old.resolve('old')
    await registry.acquire('demo', 'v1', old.open)
    expect(await registry.acquire('demo', 'v2', async () => 'new')).toBe('new')
    expect(old.seen.signal?.aborted).toBe(true)
    expect(registry.get('demo')).toBe('new')
  })

  test('who waits for an opening that is replaced gets an error, not the stopped value', async () => {
    const registry = new TargetRegistry<string>()
    const old = opening()
    const waiting = registry.acquire('demo', 'v1', old.open)
    const now = registry.acquire('demo', 'v2', async () => 'new')
    old.resolve('old')
    await expect(waiting).rejects.toThrow('released')
    expect(await now).toBe('new')
    expect(registry.get('demo')).toBe('new')
  })

  test('a failure goes to all who asked, stops what was half open, and is forgotten', async () => {
    const registry = new TargetRegistry<string>()
    const broken = opening()
    const asked = [registry.acquire('demo', 'v1', broken.open), registry.acquire('demo', 'v1', broken.open)]
    broken.reject(new Error('no route'))
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(broken.seen.signal?.aborted).toBe(true)
    expect(registry.names).toEqual([])
    expect(await registry.acquire('demo', 'v1', async () => 'works')).toBe('works')
  })

  test('a target that hangs or fails holds up no other', async () => {
    const registry = new TargetRegistry<string>()
    const hanging = registry.acquire('slow', 'v1', async () => new Promise(() => undefined))
    const failing = registry.acquire('broken', 'v1', async () => Promise.reject(new Error('down')))
    await expect(failing).rejects.toThrow('down')
    expect(await registry.acquire('fine', 'v1', async () => 'client')).toBe('client')
    registry.release('slow')
    expect(registry.names).toEqual(['fine'])
    expect(hanging).toBeInstanceOf(Promise)
  })

  test('who stops waiting ends neither the opening nor the waiting of others', async () => {
    const registry = new TargetRegistry<string>()
    const { open, resolve, seen } = opening()
    const impatient = new AbortController()
    const [gaveUp, waits] = [registry.acquire('demo', 'v1', open, { signal: impatient.signal }), registry.acquire('demo', 'v1', open)]
    impatient.abort(new Error('pass too long'))
    await expect(gaveUp).rejects.toThrow('pass too long')
    resolve('client')
    expect(await waits).toBe('client')
    expect(seen.signal?.aborted).toBe(false)
  })

  test('releasing stops what is open', async () => {
    const registry = new TargetRegistry<string>()
    const [one, two] = [opening(), opening()]
    one.resolve('1')
    two.resolve('2')
    await registry.acquire('one', 'v1', one.open)
    await registry.acquire('two', 'v1', two.open)
    registry.release('one')
    expect([one.seen.signal?.aborted, two.seen.signal?.aborted]).toEqual([true, false])
    registry.releaseAll()
    expect(two.seen.signal?.aborted).toBe(true)
    expect(registry.names).toEqual([])
  })
})
