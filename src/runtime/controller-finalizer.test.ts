import { describe, expect, test } from 'vitest'
import { awaitChange, finalized, requeueAfter } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: finalizer', () => {
  test('is stored before the first reconcile, which sees it', async () => {
    const seen: unknown[] = []
    const { put, read } = start(async ({ object }) => {
      seen.push(object.metadata.finalizers)
      return awaitChange
    })
    await put(widget('a', { metadata: { finalizers: ['other/one'] } }))
    expect(seen[0]).toEqual(['other/one', 'tidegate.io/cleanup'])
    expect(read('a')?.metadata.finalizers).toEqual(['other/one', 'tidegate.io/cleanup'])
  })

  test('is not put on an object that is being deleted, which is left alone', async () => {
    let passes = 0
    const { put, kube } = start(async () => awaitChange, { finalize: async () => (passes++, finalized) })
    await put(widget('a', { metadata: { finalizers: ['other/one'], deletionTimestamp: '2026-11-21T06:00:00Z' } }))
    expect(passes).toBe(0)
    expect(kube.writes).toEqual([])
  })

  test('is taken off when finalize says so, and only ours', async () => {
    const { put, read } = start(async () => awaitChange)
    await put(widget('a', { metadata: { finalizers: ['other/one', 'tidegate.io/cleanup'], deletionTimestamp: '2026-11-21T06:00:00Z' } }))
    expect(read('a')?.metadata.finalizers).toEqual(['other/one'])
  })

  test('is taken off although somebody else applied it too', async () => {
    const { put, read } = start(async () => awaitChange)
    const annotations = { 'test/co-owned': '' }
    await put(widget('a', { metadata: { annotations, finalizers: ['tidegate.io/cleanup'], deletionTimestamp: '2026-11-21T06:00:00Z' } }))
    expect(read('a')).toBeUndefined()
  })

  test('is not stored on an object that took the name meanwhile, and that is routine', async () => {
    const { put, kube, clock, read, total } = start(async () => awaitChange)
    let raced = false
    kube.intercept = ({ verb }) => {
      if (verb !== 'apply' || raced) return
      raced = true
      kube.put('widgets', widget('a', { metadata: { uid: 'uid-new', finalizers: [] } }))
    }
    await put(widget('a', { metadata: { finalizers: [] } }))
    await clock.advance(100)
    expect([await total('conflict'), await total('error')]).toEqual([1, 0])
    expect(read('a')).toMatchObject({ metadata: { uid: 'uid-new', finalizers: ['tidegate.io/cleanup'] } })
  })

  test('stays while finalize waits', async () => {
    const { put, read, clock } = start(async () => awaitChange, {
      finalize: async ({ status }) => (status.size === 0 ? finalized : ((status.size = 0), requeueAfter(1000))),
    })
    await put(widget('a', { metadata: { deletionTimestamp: '2026-11-21T06:00:00Z' } }))
    await clock.advance(0)
    expect(read('a')).toBeUndefined()
  })
})
