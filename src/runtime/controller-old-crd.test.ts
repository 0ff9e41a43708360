import { describe, expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { awaitChange } from './reconciler.ts'
import { start, type Widget, widget } from './test-controller.ts'

describe('Controller: a CRD that is too old', () => {
  test('a CRD that lacks a field of the status is said once, with the path, and not retried hot', async () => {
    const { put, clock, kube, lines, metrics } = start(async ({ status }) => {
      status.size = 1
      return awaitChange
    })
    kube.intercept = ({ verb }) => {
      if (verb === 'apply')
        throw new KubeError(
          500,
          'InternalError',
          'failed to create typed patch object (ns/a; example.io/v1, Kind=Widget): .status.size: field not declared in schema',
        )
    }
    await put(widget('a'))
    await put(widget('b'))
    await clock.advance(300_000)
    const errors = lines.filter(({ level }) => level === 'error')
    expect(errors.map(({ path }) => path)).toEqual(['.status.size'])
    expect(await metrics.registry.metrics()).toContain('tidegate_status_schema_too_old{controller="widget"} 2')
    kube.intercept = () => undefined
    await clock.advance(400_000)
    expect(await metrics.registry.metrics()).toContain('tidegate_status_schema_too_old{controller="widget"} 0')
  })

  test('is told on the object itself, once, beside the status that stood there; and it heals', async () => {
    const { put, clock, kube, read, controller } = start(async ({ status, conditions }) => {
      status.size = 1
      conditions.setTrue('Made', 'AllMade')
      return awaitChange
    })
    kube.intercept = ({ verb, body }) => {
      if (verb === 'apply' && (body as Widget).status?.size !== undefined)
        throw new KubeError(500, 'InternalError', 'failed to create typed patch object: .status.size: field not declared in schema')
    }
    await put(widget('a', { status: { token: 'stays' } }))
    await clock.advance(3_000_000)
    expect(read('a')?.status).toMatchObject({
      token: 'stays',
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Stalled', reason: 'SchemaTooOld', message: expect.stringContaining('.status.size') }),
      ]),
    })
    expect(kube.writes).toHaveLength(1)
    kube.intercept = () => undefined
    controller.retryStalled('ns/a')
    await clock.advance(1)
    expect(read('a')?.status).toMatchObject({ size: 1, token: 'stays' })
    expect(read('a')?.status?.conditions?.map(({ type }) => type)).not.toContain('Stalled')
  })
})
