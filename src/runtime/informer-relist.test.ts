import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { setUp } from './test-informer.ts'

describe('after a 410', () => {
  test('what went meanwhile is told with the last that we knew', async () => {
    const { server, clock, seen, informer, start, metric } = setUp()
    server.put('a')
    server.put('b')
    await start()
    server.halfOpen()
    server.remove('a')
    server.compact()
    await clock.advance(160_000)
    expect(seen).toEqual(['+a/uid-1', '+b/uid-2', '-a/uid-1 unseen'])
    expect(informer.cache.size).toBe(1)
    expect(await metric('informer_restarts_total', { reason: 'expired' })).toBe(1)
  })

  test('what went and came again under its name is told as gone and added', async () => {
    const { server, clock, seen, start } = setUp()
    server.put('a')
    await start()
    server.halfOpen()
    server.remove('a')
    server.put('a')
    server.compact()
    await clock.advance(160_000)
    expect(seen).toEqual(['+a/uid-1', '-a/uid-1 unseen', '+a/uid-2'])
  })

  test('what did not change is no event', async () => {
    const { server, clock, seen, start } = setUp()
    server.put('a')
    await start()
    server.end(new KubeError(410, 'Expired', 'too old resource version'))
    await clock.advance(2000)
    expect(server.calls.at(-1)?.options.sendInitialEvents).toBe(true)
    expect(seen).toEqual(['+a/uid-1'])
  })
})

/** The server has forgotten that `a` went, of which the informer was told, and its list is asked for again. */
async function fallenBehind(): Promise<ReturnType<typeof setUp>> {
  const all = setUp()
  all.server.put('a')
  all.server.put('b')
  await all.start()
  all.server.remove('a')
  await all.clock.advance(0)
  all.server.end(new KubeError(410, 'Expired', 'too old'))
  all.server.fallBehind()
  return all
}

describe('a server that is behind', () => {
  test('is not believed: the cache does not go back', async () => {
    const { server, clock, seen, informer, metric } = await fallenBehind()
    await clock.advance(20_000)
    expect(informer.cache.list().map(({ metadata }) => metadata.name)).toEqual(['b'])
    expect(await metric('informer_restarts_total', { reason: 'stale_server' })).toBeGreaterThan(0)
    server.catchUp()
    server.put('c')
    await clock.advance(40_000)
    expect(seen).toEqual(['+a/uid-1', '+b/uid-2', '-a/uid-1', '+c/uid-3'])
  })

  test('is believed after a minute: etcd was restored from a backup', async () => {
    const { clock, informer } = await fallenBehind()
    await clock.advance(180_000)
    expect(informer.cache.get('a')?.metadata.uid).toBe('uid-1')
  })

  test('may repeat an event, which is none', async () => {
    const { server, clock, seen, start, metric } = setUp()
    const object = server.put('a')
    await start()
    server.forge({ type: 'MODIFIED', object })
    await clock.advance(0)
    expect(seen).toEqual(['+a/uid-1'])
    expect(await metric('informer_repeated_events_total')).toBe(1)
  })
})
