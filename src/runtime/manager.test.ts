import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createLogger } from '../observability/logger.ts'
import { Manager, type ManagerOptions, type Runnable } from './manager.ts'

function setUp(change: (part: (name: string, behaviour?: Partial<Runnable>) => Runnable) => Partial<ManagerOptions> = () => ({})) {
  const clock = new FakeClock()
  const did: string[] = []
  const lines: string[] = []
  const log = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
  const part = (name: string, behaviour: Partial<Runnable> = {}): Runnable => ({
    name,
    run: async (signal) => {
      did.push(`+${name}`)
      await untilAborted(signal)
      did.push(`-${name}`)
    },
    ...behaviour,
  })
  const stop = new AbortController()
  const manager = new Manager({ servers: [part('health')], caches: [part('cache')], leaders: [part('controller')], clock, log, ...change(part) })
  const state: { ended: boolean; error?: Error } = { ended: false }
  const run = manager
    .run(stop.signal)
    .catch((error: unknown) => (state.error = error as Error))
    .finally(() => (state.ended = true))
  return { clock, did, lines, stop, state, run }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
}

describe('Manager', () => {
  test('starts servers, caches and controllers in this order and stops them in reverse', async () => {
    const { clock, did, stop, run, state } = setUp()
    await clock.advance(0)
    expect(did).toEqual(['+health', '+cache', '+controller'])
    stop.abort()
    await run
    expect(did.slice(3)).toEqual(['-controller', '-cache', '-health'])
    expect(state.error).toBeUndefined()
  })

  test('controllers start only when the caches are ready, and a stop meanwhile starts none', async () => {
    const { clock, did, stop, run } = setUp((part) => ({ caches: [part('cache', { ready: async () => new Promise(() => undefined) })] }))
    await clock.advance(60_000)
    stop.abort()
    await run
    expect(did).toEqual(['+health', '+cache', '-cache', '-health'])
  })

  test('a standby runs its caches and no controller', async () => {
    const { clock, did, stop, run } = setUp(() => ({ elector: { run: async (signal) => untilAborted(signal) } }))
    await clock.advance(1000)
    expect(did).toEqual(['+health', '+cache'])
    stop.abort()
    await run
  })

  test('leadership is given up after the controllers have ended', async () => {
    const order: string[] = []
    const { clock, stop, run } = setUp((part) => ({
      elector: {
        run: async (signal, lead) => {
          await lead(signal)
          order.push('released')
        },
      },
      leaders: [
        part('slow', {
          run: async (signal) => {
            await untilAborted(signal)
            await clock.sleep(1000)
            order.push('controller ended')
          },
        }),
      ],
    }))
    await clock.advance(0)
    stop.abort()
    await clock.advance(1000)
    await run
    expect(order).toEqual(['controller ended', 'released'])
  })

  test.each([
    { part: 'servers' as const, name: 'a server that fails' },
    { part: 'caches' as const, name: 'a cache that fails' },
    { part: 'leaders' as const, name: 'a controller that fails' },
  ])('$name ends the process with its cause, after stopping the others', async ({ part: group }) => {
    const cause = new Error('port taken')
    const { clock, did, run, state } = setUp((part) => ({ [group]: [part('other'), part('broken', { run: async () => Promise.reject(cause) })] }))
    await clock.advance(0)
    await run
    const causes = [state.error, state.error?.cause, (state.error?.cause as Error | undefined)?.cause]
    expect(causes).toContain(cause)
    expect(causes.some((error) => String(error).includes('broken failed'))).toBe(true)
    expect(did.filter((step) => step.startsWith('+')).length).toBe(did.filter((step) => step.startsWith('-')).length)
  })

  test('a part that ends by itself is a failure too', async () => {
    const { clock, state } = setUp((part) => ({ leaders: [part('quitter', { run: async () => undefined })] }))
    await clock.advance(0)
    expect(String((state.error?.cause as Error | undefined) ?? state.error)).toContain('quitter ended by itself')
  })

  test('a part that does not stop is named, and not waited for beyond 4.5 s', async () => {
    const { clock, stop, state, lines } = setUp((part) => ({ caches: [part('stubborn', { run: async () => new Promise(() => undefined) })] }))
    await clock.advance(0)
    stop.abort()
    await clock.advance(4400)
    expect(state.ended).toBe(false)
    await clock.advance(100)
    expect(state.ended).toBe(true)
    expect(lines.find((line) => line.includes('did not stop in time'))).toContain('stubborn')
  })
})
