import { describe, expect, test } from 'vitest'
import { setUp } from './test-informer.ts'

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
