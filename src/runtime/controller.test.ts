import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { awaitChange, requeueAfter } from './reconciler.ts'
import { madeStatus, start, widget } from './test-controller.ts'

describe('Controller', () => {
  test('requeueAfter runs again after that time, at most a tenth later; an earlier wake-up does not wait', async () => {
    const at: number[] = []
    const { put, clock, controller } = start(async () => {
      at.push(clock.monotonicMs())
      return requeueAfter(10_000)
    })
    await put(widget('a', { status: madeStatus }))
    const first = at.length
    await clock.advance(9_999)
    expect(at).toHaveLength(first)
    await clock.advance(1_001)
    expect(at).toHaveLength(first + 1)
    controller.enqueue('ns/a')
    await clock.advance(1)
    expect(at).toHaveLength(first + 2)
  })

  test('a throw backs off exponentially and is logged as an error once, with its cause', async () => {
    const at: number[] = []
    const { put, clock, lines, total } = start(async () => {
      at.push(clock.monotonicMs())
      throw new Error('cannot', { cause: new Error('because') })
    })
    await put(widget('a'))
    await clock.advance(100)
    expect(at).toEqual([0, 5, 15, 35, 75]) // and not at once by the event of the status that the first one wrote
    const errors = lines.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ msg: 'pass failed', controller: 'widget', object: 'ns/a', generation: 1 })
    expect(errors[0]?.err).toMatchObject({ message: 'cannot', cause: { message: 'because' } })
    expect(await total('error')).toBe(5)
  })

  test.each(['retryStalled', 'lookAgain'] as const)('what comes together with the event of its own status is no echo: %s', async (told) => {
    const at: number[] = []
    const made = start(async () => {
      at.push(made.clock.monotonicMs())
      if (at.length === 1 && told === 'lookAgain') made.controller.lookAgain('ns/a', { stalledMs: 30_000 })
      if (at.length === 1 && told === 'retryStalled') made.controller.retryStalled('ns/a')
      throw new Error('cannot')
    })
    await made.put(widget('a'))
    await made.clock.advance(4)
    expect(at).toEqual([0, 0])
  })

  test('a conflict is routine: soon again, no error counted or logged', async () => {
    let passes = 0
    const { put, clock, lines, total } = start(async () => {
      passes += 1
      if (passes < 3) throw new KubeError(409, 'Conflict', 'modified')
      return awaitChange
    })
    await put(widget('a'))
    await clock.advance(50)
    expect(await total('conflict')).toBe(2)
    expect(await total('error')).toBe(0)
    expect(lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  })

  test('an object that is gone is done', async () => {
    const { controller, clock, total, kube } = start(async () => awaitChange)
    controller.enqueue('ns/none')
    await clock.advance(0)
    expect(await total('success')).toBe(1)
    expect(kube.writes).toEqual([])
  })

  test('as many run at once as there are workers', async () => {
    let running = 0
    let most = 0
    const { put, clock } = start(
      async () => {
        running += 1
        most = Math.max(most, running)
        await clock.sleep(10)
        running -= 1
        return awaitChange
      },
      { concurrency: 3 },
    )
    for (const name of ['a', 'b', 'c', 'd', 'e']) await put(widget(name))
    await clock.advance(100)
    expect(most).toBe(3)
  })

  test('tells events through the recorder', async () => {
    const { put, events } = start(async (_draft, { event }) => {
      event({ type: 'Normal', reason: 'Made', action: 'Make', note: 'made it' })
      return awaitChange
    })
    await put(widget('a', { status: madeStatus }))
    expect(events[0]).toMatchObject({ reason: 'Made' })
  })

  test('all its series exist before the first pass', async () => {
    const { metrics } = start(async () => awaitChange)
    const text = await metrics.registry.metrics()
    for (const result of ['success', 'requeue_after', 'checkpoint', 'conflict', 'error', 'terminal'])
      expect(text).toContain(`controller_runtime_reconcile_total{controller="widget",result="${result}"} 0`)
    expect(text).toContain('controller_runtime_max_concurrent_reconciles{controller="widget"} 1')
    expect(text).toContain('controller_runtime_active_workers{controller="widget"} 0')
    expect(text).toContain('controller_runtime_reconcile_errors_total{controller="widget"} 0')
    expect(text).toContain('controller_runtime_reconcile_time_seconds_count{controller="widget"} 0')
  })
})
