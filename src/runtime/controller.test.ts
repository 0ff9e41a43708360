import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { BaseStatus, CustomObject } from '../kube/objects.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { Controller } from './controller.ts'
import type { EventText } from './events.ts'
import { retryingAfterError } from './pass.ts'
import {
  awaitChange,
  checkpoint,
  type Draft,
  finalized,
  type FinalizeResult,
  type ReconcileContext,
  requeueAfter,
  type Result,
  TerminalError,
  wrote,
} from './reconciler.ts'
import { TestKube } from './test-kube.ts'

interface Status extends BaseStatus {
  token?: string
  size?: number
}
type Widget = CustomObject<{ readonly size: number }, Status>

const resource = { group: 'example.io', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true }
type Body = (draft: Draft<Widget>, context: ReconcileContext) => Promise<Result>

interface Line {
  readonly level: string
  readonly msg: string
  readonly err?: object
  readonly [field: string]: unknown
}

function widget(name: string, change: { readonly spec?: Widget['spec']; readonly status?: Status; readonly metadata?: object } = {}): Widget {
  const metadata = { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: '1', generation: 1, finalizers: ['tidegate.io/cleanup'], ...change.metadata }
  return { metadata, spec: change.spec ?? { size: 1 }, ...(change.status === undefined ? {} : { status: change.status }) }
}

/** A controller over objects in memory, whose cache shows every change at once and which is told of every change, as an informer would. */
function start(
  reconcile: Body,
  options: { finalize?: (draft: Draft<Widget>, context: ReconcileContext) => Promise<FinalizeResult>; concurrency?: number; cacheLags?: boolean } = {},
) {
  const clock = new FakeClock()
  const kube = new TestKube()
  const metrics = createMetrics()
  const lines: Line[] = []
  const events: EventText[] = []
  const stop = new AbortController()
  const shown = new Map<string, Widget>()
  const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) } })
  const controller = new Controller<Widget>({
    name: 'widget',
    resource,
    conditions: ['Made'],
    client: kube.client,
    cache: { get: (key) => (options.cacheLags === true ? shown.get(key) : (kube.read('widgets', key) as Widget | undefined)) },
    waitFor: async (key, resourceVersion, { signal, timeoutMs }) => {
      for (let waited = 0; waited < timeoutMs; waited += 100) {
        const at = options.cacheLags === true ? shown.get(key) : kube.read('widgets', key)
        if (at === undefined || Number(at.metadata.resourceVersion) >= Number(resourceVersion)) return true
        await clock.sleep(100, { signal })
      }
      return false
    },
    reconciler: { reconcile, finalize: options.finalize ?? (async () => finalized) },
    events: { record: (_resource, _object, event) => void events.push(event) },
    concurrency: options.concurrency ?? 1,
    passTimeoutMs: 60_000,
    clock,
    random: seededRandom(1),
    log,
    metrics,
    backoff: { baseMs: 5, capMs: 1_000_000 },
  })
  kube.changed = (key) => controller.enqueue(key)
  const ended = controller.run(stop.signal)
  const put = async (object: Widget): Promise<void> => {
    kube.put('widgets', object)
    if (options.cacheLags === true) show()
    await clock.advance(0)
  }
  const show = (): void => {
    for (const [key, object] of kube.objects) shown.set(key.slice('widgets/'.length), object as Widget)
  }
  const read = (name: string): Widget | undefined => kube.read('widgets', `ns/${name}`) as Widget | undefined
  const condition = (name: string, type: string) => read(name)?.status?.conditions?.find((one) => one.type === type)
  const total = async (result: string): Promise<number> => {
    const { values } = await metrics.registry.getSingleMetric('controller_runtime_reconcile_total')!.get()
    return values.find(({ labels }) => labels['result'] === result)?.value ?? Number.NaN
  }
  return { clock, kube, metrics, lines, events, stop, controller, ended, put, show, read, condition, total }
}

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
})

describe('Controller: outcomes', () => {
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

  test('an object that is gone is done', async () => {
    const { controller, clock, total, kube } = start(async () => awaitChange)
    controller.enqueue('ns/none')
    await clock.advance(0)
    expect(await total('success')).toBe(1)
    expect(kube.writes).toEqual([])
  })
})

const madeStatus: Status = {
  observedGeneration: 1,
  conditions: [
    { type: 'Made', status: 'True', reason: 'AllMade', message: '', observedGeneration: 1, lastTransitionTime: '2026-11-20T00:00:00Z' },
    { type: 'Ready', status: 'True', reason: 'Ready', message: '', observedGeneration: 1, lastTransitionTime: '2026-11-20T00:00:00Z' },
  ],
}

function stalling(needsEdit = false) {
  const at: number[] = []
  const made = start(async () => {
    at.push(made.clock.monotonicMs())
    throw new TerminalError('SubnetNotFound', 'subnet-1 is not there', { needsEdit })
  })
  return { ...made, at }
}

describe('Controller: stalled', () => {
  test('shows the reason and tries again only every 10 minutes, a tenth more or less', async () => {
    const { put, clock, at, condition, lines, kube, controller } = stalling()
    await put(widget('a'))
    for (let minute = 0; minute < 60; minute += 1) {
      controller.enqueue('ns/a')
      await clock.advance(60_000)
    }
    expect(condition('a', 'Stalled')).toMatchObject({ status: 'True', reason: 'SubnetNotFound', message: 'subnet-1 is not there' })
    expect(condition('a', 'Ready')).toMatchObject({ status: 'False', reason: 'SubnetNotFound' })
    expect(at.length).toBeGreaterThanOrEqual(6)
    expect(at.length).toBeLessThanOrEqual(7)
    expect(kube.writes).toHaveLength(1)
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  test.each([
    { edit: { metadata: { generation: 2 } }, plain: true, needsEdit: true, name: 'a changed spec' },
    { edit: { metadata: { annotations: { 'tidegate.io/retry': 'now' } } }, plain: true, needsEdit: false, name: 'a retry token' },
    { edit: { metadata: { generation: 2, deletionTimestamp: '2026-11-21T06:00:00Z' } }, plain: true, needsEdit: true, name: 'a deletion' },
    { edit: { metadata: { annotations: { 'tidegate.io/abandon': 'uid-a' } } }, plain: true, needsEdit: true, name: 'another mark of ours' },
    { edit: { metadata: { uid: 'uid-new' } }, plain: true, needsEdit: true, name: 'a new object under the name' },
    { edit: { metadata: { labels: { a: 'b' } } }, plain: false, needsEdit: false, name: 'a label' },
  ])('$name: worth a retry $plain, when only an edit helps $needsEdit', async ({ edit, plain, needsEdit }) => {
    const tried = async (onlyEdit: boolean): Promise<boolean> => {
      let passes = 0
      const body = async (): Promise<Result> => {
        passes += 1
        throw new TerminalError('Reason', 'message', { needsEdit: onlyEdit })
      }
      const { put, read } = start(body, { finalize: body })
      await put(widget('a'))
      const before = passes
      await put(widget('a', { ...edit, status: read('a')?.status ?? {} }))
      return passes > before
    }
    expect(await tried(false)).toBe(plain)
    expect(await tried(true)).toBe(needsEdit)
  })

  test('what only an edit can help is never tried again by itself', async () => {
    const { put, clock, at } = stalling(true)
    await put(widget('a'))
    await clock.advance(86_400_000)
    expect(at).toHaveLength(1)
  })

  test('a change of what it depends on is worth a retry', async () => {
    const { put, clock, at, controller } = stalling()
    await put(widget('a'))
    controller.retryStalled('ns/a')
    await clock.advance(1)
    expect(at).toHaveLength(2)
  })

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
})

describe('Controller: a CRD that is too old', () => {
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

describe('Controller: what a pass writes beside the status', () => {
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
})

describe('Controller: many objects', () => {
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
