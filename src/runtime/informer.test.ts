import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { KubeObject } from '../kube/objects.ts'
import { resources } from '../kube/resource.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { InformerOptions } from './informer-options.ts'
import { TestListWatch } from './informer-test-server.ts'
import { Informer } from './informer.ts'

const silent = createLogger({ level: 'silent' })

function setUp(options: Partial<InformerOptions<KubeObject>> = {}) {
  const server = new TestListWatch()
  const clock = new FakeClock()
  const metrics = createMetrics()
  const stop = new AbortController()
  const informer = new Informer({ client: server.client, resource: resources.nodes, clock, random: seededRandom(1), log: silent, metrics, ...options })
  const seen: string[] = []
  informer.addHandler({
    added: ({ metadata }) => seen.push(`+${metadata.name}/${metadata.uid}`),
    updated: ({ metadata }, before) => seen.push(`~${metadata.name} ${before.metadata.resourceVersion}>${metadata.resourceVersion}`),
    deleted: ({ metadata }, info) => seen.push(`-${metadata.name}/${metadata.uid}${info.finalStateUnknown ? ' unseen' : ''}`),
  })
  const start = async (): Promise<void> => {
    void informer.run(stop.signal)
    await clock.advance(0)
  }
  const metric = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> => {
    const found = await metrics.registry.getSingleMetric(name)?.get()
    return found?.values.find((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label as never] === wanted))?.value
  }
  return { server, clock, informer, seen, stop, start, metric }
}

const reset = (): KubeError => new KubeError(0, 'NoAnswer', 'ECONNRESET')

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

describe('a server that is behind', () => {
  test('is not believed: the cache does not go back', async () => {
    const { server, clock, seen, informer, start, metric } = setUp()
    server.put('a')
    server.put('b')
    await start()
    server.remove('a')
    await clock.advance(0)
    server.end(new KubeError(410, 'Expired', 'too old'))
    server.fallBehind()
    await clock.advance(20_000)
    expect(informer.cache.list().map(({ metadata }) => metadata.name)).toEqual(['b'])
    expect(await metric('informer_restarts_total', { reason: 'stale_server' })).toBeGreaterThan(0)
    server.catchUp()
    server.put('c')
    await clock.advance(40_000)
    expect(seen).toEqual(['+a/uid-1', '+b/uid-2', '-a/uid-1', '+c/uid-3'])
  })

  test('is believed after a minute: etcd was restored from a backup', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    server.put('b')
    await start()
    server.remove('a')
    await clock.advance(0)
    server.end(new KubeError(410, 'Expired', 'too old'))
    server.fallBehind()
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

describe('handlers', () => {
  test('that throw or reject harm neither the others nor the cache, and are counted', async () => {
    const { server, clock, seen, informer, start, metric } = setUp()
    informer.addHandler({
      added: () => {
        throw new Error('added')
      },
      // oxlint-disable-next-line typescript/no-misused-promises -- the mistake that is to be survived
      updated: async () => await Promise.reject(new Error('updated')),
    })
    server.put('a')
    await start()
    server.put('a')
    await clock.advance(0)
    expect(seen).toEqual(['+a/uid-1', '~a 101>102'])
    expect(informer.cache.get('a')?.metadata.resourceVersion).toBe('102')
    expect(await metric('informer_errors_total', { where: 'handler' })).toBe(2)
  })

  test('that come late are told what is there; that left are told nothing', async () => {
    const { server, clock, informer, start } = setUp()
    server.put('a')
    await start()
    const late: string[] = []
    const leave = informer.addHandler({ added: ({ metadata }) => late.push(metadata.name) })
    server.put('b')
    await clock.advance(0)
    leave()
    server.put('c')
    await clock.advance(0)
    expect(late).toEqual(['a', 'b'])
  })

  test('get objects that nobody can change', async () => {
    const { server, informer, start } = setUp()
    server.put('a', { team: 'x' })
    await start()
    expect(() => {
      Object.assign(informer.cache.get('a')?.metadata.labels ?? {}, { team: 'y' })
    }).toThrow(TypeError)
  })
})

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

describe('stopping', () => {
  test.each(['before the list ends', 'during the watch', 'while it waits to try again'])(
    '%s ends the run, opens nothing more and leaves no timer',
    async (when) => {
      const { server, clock, informer, stop, seen } = setUp()
      if (when === 'before the list ends') server.ignoreWatchList = true
      if (when === 'while it waits to try again') server.failNext.push(reset())
      const ended = informer.run(stop.signal)
      await clock.advance(0)
      stop.abort()
      await ended
      server.put('a')
      await clock.advance(600_000)
      expect(server.calls).toHaveLength(1)
      expect(seen).toEqual([])
      expect(clock.sleeping).toBe(0)
    },
  )
})

test('an object that the projection cannot take does not stop the stream', async () => {
  const { server, clock, informer, start, metric } = setUp({
    projection: (raw) => {
      if (raw.metadata.name === 'bad') throw new Error('no status')
      return raw
    },
  })
  server.put('bad')
  server.put('good')
  await start()
  server.put('bad')
  server.put('good')
  await clock.advance(0)
  expect(informer.cache.list().map(({ metadata }) => metadata.resourceVersion)).toEqual(['104'])
  expect(await metric('informer_errors_total', { where: 'projection' })).toBe(2)
})
