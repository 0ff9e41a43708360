import { afterEach, describe, expect, test } from 'vitest'
import { type Check, HealthServer, PortTakenError } from './health.ts'
import { createLogger } from './logger.ts'
import { createMetrics } from './metrics.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

function make(port: number, checks: { live?: Record<string, Check>; ready?: Record<string, Check> } = {}) {
  const metrics = createMetrics()
  metrics.counter('demo_total', 'for the test', []).inc()
  return new HealthServer({ host: '127.0.0.1', port, metrics, log: createLogger({ level: 'silent' }), ...checks })
}

async function start(checks: { live?: Record<string, Check>; ready?: Record<string, Check> } = {}) {
  const server = make(0, checks)
  const stop = new AbortController()
  const run = server.run(stop.signal)
  const port = await server.listen()
  stops.push(async () => {
    stop.abort()
    await run
  })
  return async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return { status: response.status, text: await response.text() }
  }
}

describe('HealthServer', () => {
  test('says ok when every check passes, and lists them when asked', async () => {
    const get = await start({ live: { ping: () => undefined }, ready: { caches: async () => undefined } })
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok' })
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ok' })
    expect((await get('/readyz?verbose')).text).toBe('[+]caches ok\nreadyz check passed\n')
  })

  test('a check that throws or rejects is named with its reason, and liveness is another matter', async () => {
    const get = await start({
      ready: {
        caches: () => {
          throw new Error('widgets not synced')
        },
        port: async () => Promise.reject(new Error('closed')),
        fine: () => undefined,
      },
    })
    const { status, text } = await get('/readyz')
    expect(status).toBe(503)
    expect(text).toBe('[-]caches failed: widgets not synced\n[-]port failed: closed\n[+]fine ok\nreadyz check failed\n')
    expect((await get('/healthz')).status).toBe(200)
  })

  test('serves the metrics, and nothing else', async () => {
    const get = await start()
    expect((await get('/metrics')).text).toContain('demo_total 1')
    expect((await get('/secret')).status).toBe(404)
    expect((await get('/healthz', { method: 'POST' })).status).toBe(405)
  })

  test('a port that is taken is one clear line', async () => {
    const first = make(0)
    const stop = new AbortController()
    const run = first.run(stop.signal)
    stops.push(async () => {
      stop.abort()
      await run
    })
    const port = await first.listen()
    const second = make(port)
    await expect(second.listen()).rejects.toThrow(new RegExp(`^port ${port} on 127.0.0.1 is taken by another process`))
    await expect(second.run(new AbortController().signal)).rejects.toBeInstanceOf(PortTakenError)
  })

  test('stops although a client keeps its connection', async () => {
    const get = await start()
    await get('/healthz', { headers: { connection: 'keep-alive' } })
    await stops.splice(0)[0]?.()
    await expect(get('/healthz')).rejects.toThrow('fetch failed')
  })
})
