import { describe, expect, test } from 'vitest'
import { retryingAfterError } from './pass.ts'
import { awaitChange } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: status', () => {
  test('is applied once per pass, with conditions and observedGeneration', async () => {
    const { put, read, kube, total } = start(async ({ status, conditions, object }) => {
      status.size = object.spec.size
      conditions.setTrue('Made', 'AllMade')
      return awaitChange
    })
    await put(widget('a', { spec: { size: 3 }, metadata: { generation: 7 } }))
    expect(read('a')?.status).toMatchObject({ size: 3, observedGeneration: 7 })
    expect(read('a')?.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Made', 'True', 'AllMade'],
      ['Ready', 'True', 'Ready'],
    ])
    expect(kube.writes).toHaveLength(1)
    expect(await total('success')).toBe(2) // the pass, and the one after the event of its own status
  })

  test('is not applied when nothing changed, whatever the order of keys', async () => {
    const orders = new Set<string>()
    const { put, kube, clock, controller } = start(async ({ status, conditions }) => {
      const { size = 1, token = 't' } = status
      for (const key of Object.keys(status)) Reflect.deleteProperty(status, key)
      Object.assign(status, orders.size % 2 === 0 ? { size, token } : { token, size })
      orders.add(Object.keys(status).join())
      conditions.setTrue('Made', 'AllMade')
      return awaitChange
    })
    await put(widget('a'))
    for (let pass = 0; pass < 5; pass += 1) {
      controller.enqueue('ns/a')
      await clock.advance(1000)
    }
    expect([...orders]).toEqual(['size,token', 'token,size'])
    expect(kube.writes).toHaveLength(1)
  })

  test('the draft is a copy: the cached object cannot be changed through it', async () => {
    let frozen = false
    const { put, read } = start(async ({ object, status }) => {
      frozen = Object.isFrozen(object.metadata)
      status.size = 9
      return awaitChange
    })
    await put(widget('a', { status: { size: 1 } }))
    expect(frozen).toBe(true)
    expect(read('a')?.status?.size).toBe(9)
  })

  test('what a pass found out before it threw is stored, but not as a verdict on the new spec', async () => {
    const before = [
      { type: 'Made', status: 'True' as const, reason: 'AllMade', message: '', observedGeneration: 1, lastTransitionTime: '2026-11-20T00:00:00Z' },
    ]
    const { put, read, condition } = start(async ({ status }) => {
      status.token = 'started'
      throw new Error('no route to cloud')
    })
    await put(widget('a', { metadata: { generation: 2 }, status: { observedGeneration: 1, conditions: before } }))
    expect(read('a')?.status).toMatchObject({ token: 'started', observedGeneration: 1 })
    expect(condition('a', 'Reconciling')).toMatchObject({ reason: retryingAfterError, message: 'no route to cloud' })
  })

  test('an error text that changes with every attempt is not a status write at every attempt', async () => {
    let attempt = 0
    const { put, kube, clock } = start(async () => {
      attempt += 1
      throw new Error(`request ${attempt} failed`)
    })
    await put(widget('a'))
    await clock.advance(600_000)
    expect(attempt).toBeGreaterThan(10)
    expect(kube.writes).toHaveLength(1)
  })

  test('a status apply that loses against another writer is a conflict and is done again on what is there', async () => {
    const { put, kube, clock, read, total } = start(async ({ status, object }) => {
      status.size = object.spec.size
      return awaitChange
    })
    let raced = false
    kube.intercept = ({ verb }) => {
      if (verb !== 'apply' || raced) return
      raced = true
      kube.put('widgets', widget('a', { spec: { size: 8 }, metadata: { generation: 2 } }))
    }
    await put(widget('a'))
    await clock.advance(50)
    expect(await total('conflict')).toBe(1)
    expect(read('a')?.status).toMatchObject({ size: 8, observedGeneration: 2 })
  })
})
