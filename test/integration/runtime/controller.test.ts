import { expect, test } from 'vitest'
import type { KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { finalizer, isAnotherObject, storeFinalizer } from '../../../src/runtime/finalizer.ts'
import { awaitChange, checkpoint, finalized, requeueAfter } from '../../../src/runtime/reconciler.ts'
import { eventually } from '../../support/eventually.ts'
import { openClient, openNamespace, startController, type Widget, widgets } from './world.ts'

const { signal } = new AbortController()

function conditionOf(widget: Widget, type: string) {
  return widget.status?.conditions?.find((one) => one.type === type)
}

test('an object is marked, made, kept quiet, changed, and gone when it is finalized', async () => {
  let released = false
  const marked: boolean[] = []
  const { put, read, remove, isGone, controller, namespace } = await startController({
    reconcile: async ({ object, status, conditions }) => {
      marked.push(object.metadata.finalizers?.includes(finalizer) ?? false)
      status.size = object.spec.size
      conditions.setTrue('Made', 'AllMade')
      return awaitChange
    },
    finalize: async ({ conditions }) => {
      conditions.reconciling('Deleting', 'not gone yet')
      return released ? finalized : requeueAfter(50)
    },
  })
  await put('a', 3)
  const made = await eventually(async () => {
    const widget = await read('a')
    expect(conditionOf(widget, 'Ready')).toMatchObject({ status: 'True', observedGeneration: 1 })
    return widget
  })
  expect(made.status?.size).toBe(3)
  expect(marked).not.toContain(false)

  // Twenty wishes at once are one pass, or two where one had begun.
  const passes = marked.length
  for (let time = 0; time < 20; time += 1) controller.enqueue(`${namespace}/a`)
  await eventually(() => expect(marked.length).toBeGreaterThan(passes))
  expect((await read('a')).metadata.resourceVersion).toBe(made.metadata.resourceVersion)

  await put('a', 5)
  await eventually(async () => expect((await read('a')).status).toMatchObject({ size: 5, observedGeneration: 2 }))

  await remove('a')
  await eventually(async () => expect(conditionOf(await read('a'), 'Reconciling')?.reason).toBe('Deleting'))
  released = true
  await eventually(async () => expect(await isGone('a')).toBe(true))
})

test('words of others, whatever characters they have, are stored as they are', async () => {
  const odd = ['\u007f\u0080\u0085\u009f', '\u2028\u2029', '\ufeff\ufffe\uffff', '🚀 ü \t\n"\\u0085', "'#: {[&*!|>%@`", '\u0001'].join(' ')
  const { put, read } = await startController({
    reconcile: async ({ conditions }) => {
      conditions.setFalse('Made', 'Refused', `${odd}🚀`.slice(0, -1))
      return awaitChange
    },
    finalize: async () => finalized,
  })
  await put('a', 1)
  const stored = await eventually(async () => {
    const widget = await read('a')
    expect(conditionOf(widget, 'Made')).toMatchObject({ reason: 'Refused', message: `${odd}\ufffd` })
    return widget
  })
  await put('a', 2)
  const next = await eventually(async () => {
    const widget = await read('a')
    expect(widget.status?.observedGeneration).toBe(2)
    return widget
  })
  expect(conditionOf(next, 'Made')).toEqual({ ...conditionOf(stored, 'Made'), observedGeneration: 2 })
})

test('only our finalizer is taken off', async () => {
  const { put, read, remove } = await startController({ reconcile: async () => awaitChange, finalize: async () => finalized })
  await put('a', 1, ['example.com/other'])
  await eventually(async () => expect((await read('a')).metadata.finalizers).toEqual(['example.com/other', finalizer]))
  await remove('a')
  await eventually(async () => expect((await read('a')).metadata.finalizers).toEqual(['example.com/other']))
  await put('a', 1, []) // so that the namespace can end
})

test('our finalizer comes off although somebody applied it too, as a restored backup does', async () => {
  const { put, remove, isGone } = await startController({ reconcile: async () => awaitChange, finalize: async () => finalized })
  await put('a', 1, [finalizer])
  await remove('a')
  await eventually(async () => expect(await isGone('a')).toBe(true))
})

test('marking an object that is gone makes no ghost, and one that took its name is left alone', async () => {
  const client = await openClient()
  const namespace = await openNamespace(client)
  const old = { metadata: { name: 'a', namespace, uid: 'e1c9c1f0-0000-4000-8000-000000000000', resourceVersion: '1' } }
  const mark = async (): Promise<unknown> => storeFinalizer(client, widgets, old, signal).catch((error: unknown) => error)
  expect(isAnotherObject(await mark())).toBe(true)
  expect((await client.list(widgets, { namespace, signal })).items).toEqual([])
  const body = { apiVersion: 'runtime-test.tidegate.io/v1', kind: 'Widget', metadata: { name: 'a', namespace }, spec: { size: 1 } }
  await client.apply(widgets, { namespace, name: 'a' }, body, { fieldManager: 'runtime-test', signal })
  expect(isAnotherObject(await mark())).toBe(true)
  expect((await client.get(widgets, { namespace, name: 'a' }, { signal })).metadata.finalizers).toBeUndefined()
})

test('an intent is on the object before it is acted on, also under a stream of edits', async () => {
  const acted: [string, string | undefined][] = []
  const { put, read } = await startController({
    reconcile: async ({ object, status }) => {
      if (object.status?.token === undefined) {
        status.token = `token-${object.metadata.uid}`
        return checkpoint
      }
      const stored = (await read(object.metadata.name)).status?.token
      acted.push([object.status.token, stored])
      status.size = object.spec.size
      return awaitChange
    },
    finalize: async () => finalized,
  })
  for (let size = 1; size <= 15; size += 1) await put('a', size)
  await eventually(async () => expect((await read('a')).status?.size).toBe(15))
  expect(acted.length).toBeGreaterThan(0)
  expect(acted.filter(([token, stored]) => token !== stored)).toEqual([])
})

test('a status that the CRD does not know is told by its path, counted, and not retried hot', async () => {
  let passes = 0
  const { put, metrics, lines, namespace, controller } = await startController({
    reconcile: async ({ status }) => {
      passes += 1
      Object.assign(status, { newField: 1 })
      return awaitChange
    },
    finalize: async () => finalized,
  })
  await put('a')
  await eventually(async () => expect(await metrics.registry.metrics()).toContain('tidegate_status_schema_too_old{controller="widget"} 1'))
  for (let time = 0; time < 10; time += 1) {
    controller.enqueue(`${namespace}/a`)
    await put('b', time) // the queue moves on
  }
  expect(lines.filter(({ level }) => level === 'error').map(({ path }) => path)).toEqual(['.status.newField'])
  await eventually(async () => expect(await metrics.registry.metrics()).toContain('tidegate_status_schema_too_old{controller="widget"} 2'))
  expect(passes).toBeLessThan(15)
})

test('events about namespaced and cluster-scoped objects are accepted, and a repetition is a series', async () => {
  const { client, namespace, events, put } = await startController({ reconcile: async () => awaitChange, finalize: async () => finalized })
  const widget = await put('a')
  const scope = await client.get(resources.namespaces, { name: namespace }, { signal })
  const text = { type: 'Normal' as const, reason: 'Launched', action: 'Launch', note: 'ü'.repeat(2000) }
  for (let time = 0; time < 3; time += 1) events.record(widgets, widget, text)
  events.record(resources.namespaces, scope, text)
  await events.flushed()
  const about = async (where: string, uid: string) => {
    const { items } = await client.list<KubeObject & { readonly series?: { readonly count: number }; readonly note: string }>(resources.events, {
      namespace: where,
      signal,
    })
    return items.filter((event) => (event as unknown as { regarding: { uid: string } }).regarding.uid === uid)
  }
  const [mine, ...others] = await about(namespace, widget.metadata.uid)
  expect(others).toEqual([])
  expect(mine?.series?.count).toBe(2)
  expect(Buffer.byteLength(mine?.note ?? '')).toBeGreaterThan(1000)
  expect(await about('default', scope.metadata.uid)).toHaveLength(1)
})
