import { describe, expect, test } from 'vitest'
import { reset, setUp } from './test-informer.ts'

describe('waiting', () => {
  test('for a write ends when the cache shows it', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    await start()
    const written = String(server.resourceVersion + 1)
    const shown = informer.waitFor('a', written, { signal: AbortSignal.any([]), timeoutMs: 1000 })
    server.put('a')
    await clock.advance(1)
    await expect(shown).resolves.toBe(true)
    expect(clock.sleeping).toBe(1)
  })

  test('for a write ends also when the object went again, and when the time is up', async () => {
    const { server, clock, informer, start } = setUp()
    await start()
    const version = server.put('a').metadata.resourceVersion
    server.remove('a')
    await clock.advance(0)
    await expect(informer.waitFor('a', version, { signal: AbortSignal.any([]), timeoutMs: 1000 })).resolves.toBe(true)
    const never = informer.waitFor('a', '999999', { signal: AbortSignal.any([]), timeoutMs: 1000 })
    await clock.advance(1000)
    await expect(never).resolves.toBe(false)
  })

  test('for the first list ends with the reason of who gave up', async () => {
    const { server, clock, informer, start } = setUp()
    server.failNext.push(reset())
    await start()
    const patience = new AbortController()
    const synced = informer.synced({ signal: patience.signal })
    patience.abort(new Error('too long'))
    await expect(synced).rejects.toThrow('too long')
    await clock.advance(2000)
    await informer.synced({ signal: AbortSignal.any([]) })
  })
})
