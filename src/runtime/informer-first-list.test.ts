import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { setUp } from './test-informer.ts'

describe('the first list', () => {
  test('comes by WatchList, in the stream that is then watched', async () => {
    const { server, clock, informer, seen, start, metric } = setUp()
    server.put('a')
    await start()
    expect(informer.hasSynced).toBe(true)
    server.put('b')
    await clock.advance(0)
    expect(server.calls.map(({ verb }) => verb)).toEqual(['watch'])
    expect(seen).toEqual(['+a/uid-1', '+b/uid-2'])
    expect(await metric('informer_lists_total', { mode: 'watchlist' })).toBe(1)
  })

  test('comes in pages of at most 100 where WatchList is refused', async () => {
    const { server, clock, informer, start, metric } = setUp()
    server.refuseWatchList = true
    for (let index = 0; index < 250; index += 1) server.put(`n${index}`)
    await start()
    await clock.advance(1000)
    expect(informer.cache.size).toBe(250)
    const lists = server.calls.filter(({ verb }) => verb === 'list')
    expect(lists.map(({ options }) => options.limit)).toEqual([100, 100, 100])
    expect(await metric('informer_lists_total', { mode: 'pages' })).toBe(1)
    expect(informer.cache.get('n7')).toMatchObject({ apiVersion: 'v1', kind: 'Node' })
  })

  test('comes in pages where the server ends the stream twice without an end of the initial events', async () => {
    const { server, clock, informer, start } = setUp()
    server.ignoreWatchList = true
    server.put('a')
    await start()
    server.end('clean')
    await clock.advance(5000)
    expect(informer.hasSynced).toBe(false)
    server.end('clean')
    await clock.advance(5000)
    expect(informer.hasSynced).toBe(true)
  })

  test('is tried again after an error, for as long as it takes', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    for (let index = 0; index < 20; index += 1) server.failNext.push(new KubeError(index % 2 === 0 ? 500 : 0, 'InternalError', 'no'))
    await start()
    await clock.advance(600_000)
    expect(informer.cache.size).toBe(1)
  })

  test('that comes in pages starts over when its continue token expires', async () => {
    const { server, clock, informer, start } = setUp({ tuning: { pageSize: 1 } })
    server.refuseWatchList = true
    server.put('a')
    server.put('b')
    server.duringList = () => {
      server.duringList = () => undefined
      server.remove('b')
      server.compact()
    }
    await start()
    await clock.advance(5000)
    expect(informer.cache.list().map(({ metadata }) => metadata.name)).toEqual(['a'])
  })
})
