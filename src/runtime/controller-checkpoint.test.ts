import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { awaitChange, checkpoint } from './reconciler.ts'
import { start, widget } from './test-controller.ts'

describe('Controller: checkpoint', () => {
  test('a checkpoint stores the intent and runs again at once, on what was stored', async () => {
    const acted: string[] = []
    const { put, clock, kube } = start(async ({ object, status }) => {
      if (object.status?.token === undefined) {
        status.token = 't-1'
        return checkpoint
      }
      acted.push(object.status.token)
      return awaitChange
    })
    await put(widget('a'))
    await clock.advance(1)
    expect(acted[0]).toBe('t-1')
    expect(kube.writes).toHaveLength(2) // the intent, and the verdict on the generation
  })

  test('nothing is acted on when the intent could not be stored', async () => {
    let acted = 0
    const { put, clock, kube } = start(async ({ object, status }) => {
      if (object.status?.token !== undefined) acted += 1
      status.token ??= 't-1'
      return object.status?.token === undefined ? checkpoint : awaitChange
    })
    kube.intercept = ({ verb }) => {
      if (verb === 'apply') throw new KubeError(503, 'ServiceUnavailable', 'later')
    }
    await put(widget('a'))
    await clock.advance(5_000)
    expect(acted).toBe(0)
    kube.intercept = () => undefined
    await clock.advance(10_000)
    expect(acted).toBeGreaterThan(0)
  })

  test('a checkpoint with nothing new to store is a defect that backs off', async () => {
    let passes = 0
    const { put, clock, total } = start(async () => {
      passes += 1
      return passes === 1 ? awaitChange : checkpoint
    })
    await put(widget('a'))
    await clock.advance(1000)
    expect(passes).toBeLessThan(15)
    expect(await total('error')).toBeGreaterThan(3)
  })

  test('an intent that fails each time it is acted on backs off, although each pass before it ends well', async () => {
    let passes = 0
    const { put, clock } = start(async ({ object, status }) => {
      passes += 1
      if (object.status?.token === undefined) {
        status.token = `t-${passes}`
        return checkpoint
      }
      delete status.token
      throw new Error('refused')
    })
    await put(widget('a'))
    await clock.advance(10_000)
    expect(passes).toBeLessThan(60)
  })
})
