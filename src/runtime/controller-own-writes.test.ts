import { describe, expect, test } from 'vitest'
import { awaitChange, checkpoint, wrote } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: what a pass wrote', () => {
  test('a pass that wrote the object stores nothing of its draft, and the next one sees what it wrote', async () => {
    const sizes: number[] = []
    const { put, kube, read, total } = start(async ({ object, status }) => {
      sizes.push(object.spec.size)
      status.size = object.spec.size
      if (object.spec.size === 5) return awaitChange
      kube.put('widgets', widget('a', { spec: { size: 5 } }))
      return wrote(read('a')?.metadata.resourceVersion ?? '')
    })
    await put(widget('a'))
    expect(new Set(sizes)).toEqual(new Set([1, 5]))
    expect(kube.writes).toHaveLength(1)
    expect(read('a')?.status?.size).toBe(5)
    expect(await total('conflict')).toBe(0)
  })

  test('a key does not run again before the cache shows what its last pass wrote', async () => {
    const seen: (string | undefined)[] = []
    const { put, show, clock, controller } = start(
      async ({ object, status }) => {
        seen.push(object.status?.token)
        if (object.status?.token !== undefined) return awaitChange
        status.token = 't-1'
        return checkpoint
      },
      { cacheLags: true },
    )
    await put(widget('a'))
    controller.enqueue('ns/a')
    await clock.advance(3000)
    expect(seen).toEqual([undefined])
    show()
    await clock.advance(200)
    expect(seen.slice(0, 2)).toEqual([undefined, 't-1'])
  })

  test('a cache that stays behind is an error that backs off, and still nothing runs on the old object', async () => {
    const seen: (string | undefined)[] = []
    const { put, show, clock, total } = start(
      async ({ object, status }) => {
        seen.push(object.status?.token)
        status.token ??= 't-1'
        return object.status?.token === undefined ? checkpoint : awaitChange
      },
      { cacheLags: true },
    )
    await put(widget('a'))
    await clock.advance(30_000)
    expect(seen).toEqual([undefined])
    expect(await total('error')).toBeGreaterThan(0)
    show()
    await clock.advance(30_000)
    expect(seen[1]).toBe('t-1')
  })
})
