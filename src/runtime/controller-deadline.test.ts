import { describe, expect, test } from 'vitest'
import { awaitChange } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: deadline', () => {
  test('a pass that takes too long is aborted and counts as an error', async () => {
    let aborted: unknown
    const { put, clock, total } = start(async (_draft, { signal }) => {
      await clock.sleep(3_600_000, { signal }).catch((reason: unknown) => {
        aborted ??= reason
        throw reason
      })
      return awaitChange
    })
    await put(widget('a'))
    await clock.advance(60_000)
    expect(String(aborted)).toContain('longer than 60000 ms')
    expect(await total('error')).toBe(1)
  })

  test('one that hangs starves nobody, and its key never runs twice at once', async () => {
    const running = new Map<string, number>()
    let most = 0
    const { put, clock, read } = start(
      async ({ object, status, conditions }) => {
        const { name } = object.metadata
        running.set(name, (running.get(name) ?? 0) + 1)
        most = Math.max(most, ...running.values())
        if (name === 'stuck') await new Promise(() => undefined) // ignores its signal
        running.set(name, (running.get(name) ?? 0) - 1)
        status.size = 1
        conditions.setTrue('Made', 'AllMade')
        return awaitChange
      },
      { concurrency: 1 },
    )
    await put(widget('stuck'))
    await put(widget('fine'))
    expect(read('fine')?.status).toBeUndefined()
    await clock.advance(100_000)
    expect(read('fine')?.status?.size).toBe(1)
    await put(widget('stuck', { metadata: { generation: 2 } }))
    await clock.advance(100_000)
    expect(most).toBe(1)
  })
})
