import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { createLogger } from '../observability/logger.ts'
import { reset, setUp } from './test-informer.ts'

describe('the watch', () => {
  const errors: readonly (readonly [string, KubeError])[] = [
    ['a reset connection', reset()],
    ['a refused connection', new KubeError(0, 'NoAnswer', 'ECONNREFUSED')],
    ['a 500', new KubeError(500, 'InternalError', 'etcd')],
    ['a 429', new KubeError(429, 'TooManyRequests', 'slow down')],
    ['a truncated line', new KubeError(0, 'BrokenStream', 'the watch ended inside a line')],
  ]
  test.each(errors)('goes on from the last resource version after %s', async (_, error) => {
    const { server, clock, seen, start } = setUp()
    server.put('a')
    await start()
    const last = String(server.resourceVersion)
    server.end(error)
    server.put('b')
    await clock.advance(2000)
    expect(server.calls.at(-1)).toMatchObject({ verb: 'watch', options: { resourceVersion: last, sendInitialEvents: false } })
    expect(seen).toEqual(['+a/uid-1', '+b/uid-2'])
  })

  test('goes on from the last bookmark, so that a quiet resource survives a compaction', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    await start()
    server.halfOpen()
    server.put('b')
    server.remove('b')
    server.end('clean')
    await clock.advance(160_000)
    server.bookmark()
    await clock.advance(0)
    server.compact()
    server.end(reset())
    await clock.advance(2000)
    expect(server.calls.at(-1)?.options.resourceVersion).toBe(String(server.resourceVersion))
    expect(informer.cache.size).toBe(1)
  })

  test('asks the server to end it after 300 to 600 s and opens the next at once', async () => {
    const { server, clock, start, metric } = setUp()
    await start()
    await clock.advance(2000)
    server.end('clean')
    await clock.advance(1)
    expect(server.calls).toHaveLength(2)
    for (const { options } of server.calls) expect(options.timeoutSeconds).toSatisfy((seconds: number) => seconds >= 300 && seconds <= 600)
    expect(await metric('informer_restarts_total', { reason: 'ended' })).toBe(1)
  })

  test('does not spin when the server ends every watch at once', async () => {
    const { server, clock, start } = setUp()
    await start()
    for (let second = 0; second < 60; second += 1) {
      server.end('clean')
      await clock.advance(100)
    }
    expect(server.calls.length).toBeLessThan(12)
  })

  test('is cut after 150 s of silence', async () => {
    const { server, clock, informer, start, metric } = setUp()
    server.put('a')
    await start()
    server.halfOpen()
    server.put('b')
    await clock.advance(149_000)
    expect(informer.cache.size).toBe(1)
    expect(informer.lastContactAgeMs()).toBe(149_000)
    await clock.advance(2000)
    expect(informer.cache.size).toBe(2)
    expect(await metric('informer_restarts_total', { reason: 'stalled' })).toBe(1)
  })

  test('waits as long as Retry-After says', async () => {
    const { server, clock, start } = setUp()
    await start()
    server.failNext.push(new KubeError(429, 'TooManyRequests', 'slow down', { retryAfterMs: 20_000 }))
    await clock.advance(2000)
    server.end('clean')
    await clock.advance(19_000)
    expect(server.calls).toHaveLength(2)
    await clock.advance(2000)
    expect(server.calls).toHaveLength(3)
  })

  test('backs off to 30 s and no further, with at most five lines in ten minutes', async () => {
    const lines: unknown[] = []
    const log = createLogger({ destination: { write: (line) => lines.push(line) } })
    const { server, clock, informer, start } = setUp({ log })
    await start()
    for (let index = 0; index < 200; index += 1) server.failNext.push(reset())
    server.end(reset())
    await clock.advance(600_000)
    expect(server.calls.length).toBeGreaterThan(600 / 30)
    expect(server.calls.length).toBeLessThan(60)
    expect(lines.length).toBeLessThanOrEqual(6)
    server.failNext.length = 0
    server.put('a')
    await clock.advance(31_000)
    expect(informer.cache.size).toBe(1)
  })
})
