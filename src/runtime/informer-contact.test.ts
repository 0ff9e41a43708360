import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { reset, setUp } from './test-informer.ts'

const forbidden = new KubeError(403, 'Forbidden', 'nodes is forbidden: User "x" cannot watch resource "nodes"')

describe('how old the cache may be', () => {
  test('is not known before the first list', async () => {
    const { server, clock, informer, start } = setUp()
    server.ignoreWatchList = true
    server.put('a')
    await start()
    await clock.advance(1000)
    expect([informer.hasSynced, informer.lastContactAgeMs()]).toEqual([false, Number.POSITIVE_INFINITY])
  })

  test('stays within what cuts a silent watch, where there is nothing to tell for an hour', async () => {
    const { clock, informer, start } = setUp()
    await start()
    let oldest = 0
    for (let seconds = 0; seconds < 3600; seconds += 1) {
      await clock.advance(1000)
      oldest = Math.max(oldest, informer.lastContactAgeMs())
    }
    expect(oldest).toBeGreaterThan(140_000)
    expect(oldest).toBeLessThan(155_000)
  })

  test.each([
    ['an event', (server: ReturnType<typeof setUp>['server']) => void server.put('b')],
    ['a bookmark', (server: ReturnType<typeof setUp>['server']) => server.bookmark()],
  ])('begins anew with %s', async (_, happen) => {
    const { server, clock, informer, start } = setUp()
    await start()
    await clock.advance(100_000)
    happen(server)
    await clock.advance(5000)
    expect(informer.lastContactAgeMs()).toBe(5000)
  })

  test('grows while the server refuses, says why, and is forgotten when it tells again', async () => {
    const { server, clock, informer, start } = setUp()
    await start()
    expect(informer.failure).toBeUndefined()
    for (let index = 0; index < 100; index += 1) server.failNext.push(forbidden)
    server.end('clean')
    await clock.advance(600_000)
    expect(informer.lastContactAgeMs()).toBe(600_000)
    expect(informer.failure).toBe(forbidden)
    server.failNext.length = 0
    await clock.advance(31_000)
    expect(informer.lastContactAgeMs()).toBeLessThan(31_000)
    expect(informer.failure).toBeUndefined()
  })

  test('grows while lists break off before they are whole', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    await start()
    server.ignoreWatchList = true
    server.compact()
    server.put('b')
    server.compact()
    server.end(new KubeError(410, 'Expired', 'too old'))
    await clock.advance(100_000)
    expect(informer.lastContactAgeMs()).toBe(100_000)
  })

  test('is no news when a connection breaks and the watch goes on', async () => {
    const { server, clock, informer, start } = setUp()
    await start()
    await clock.advance(60_000)
    server.end(reset())
    await clock.advance(2000)
    expect(informer.lastContactAgeMs()).toBeLessThan(2000)
    expect(informer.failure).toBeUndefined()
  })
})
