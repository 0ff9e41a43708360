import { describe, expect, test } from 'vitest'
import { awaitChange, TerminalError } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: interrupt', () => {
  test('ends the pass under way, which stores nothing and is no error, and the key runs again at once', async () => {
    const seen: number[] = []
    const { put, controller, clock, kube, lines, total } = start(async ({ status, conditions }, { signal }) => {
      seen.push(seen.length)
      if (seen.length > 1) return awaitChange
      status.size = 7
      conditions.setTrue('Made', 'Made')
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
      return awaitChange
    })
    await put(widget('a'))
    expect(seen).toEqual([0])
    controller.interrupt('ns/a')
    await clock.advance(0)
    expect(seen.length).toBeGreaterThan(1)
    expect(kube.writes.filter(({ body }) => JSON.stringify(body).includes('"size":7'))).toEqual([])
    expect(await total('error')).toBe(0)
    expect(lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  })

  test('touches no pass of another object, and none that comes later', async () => {
    const aborted: string[] = []
    const { put, controller, clock } = start(
      async ({ object }, { signal }) => {
        await clock.sleep(1_000)
        if (signal.aborted) aborted.push(object.metadata.name)
        return awaitChange
      },
      { concurrency: 2 },
    )
    await put(widget('a'))
    await put(widget('b'))
    controller.interrupt('ns/a')
    await clock.advance(5_000)
    expect(aborted).toEqual(['a'])
  })

  test('wakes an object that is stalled', async () => {
    let passes = 0
    const { put, controller, clock } = start(async () => {
      passes += 1
      throw new TerminalError('NotAllowed', 'ask somebody', { needsEdit: true })
    })
    await put(widget('a'))
    await clock.advance(1_000)
    const before = passes
    controller.interrupt('ns/a')
    await clock.advance(0)
    expect(passes).toBe(before + 1)
  })
})

describe('Controller: stop', () => {
  test('aborts the pass under way, stores nothing more, counts and logs no error', async () => {
    const { put, stop, ended, kube, lines, total } = start(async (_draft, { signal }) => {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
      return awaitChange
    })
    await put(widget('a'))
    stop.abort(new Error('stopping'))
    await ended
    expect(kube.writes).toEqual([])
    expect(await total('error')).toBe(0)
    expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})
