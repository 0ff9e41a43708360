import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import type { BaseStatus, CustomObject } from '../kube/objects.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { Controller, type ControllerOptions } from './controller.ts'
import type { EventText } from './events.ts'
import { type Draft, finalized, type FinalizeResult, type ReconcileContext, type Result } from './reconciler.ts'
import { TestKube } from './test-kube.ts'

interface Status extends BaseStatus {
  token?: string
  size?: number
}
/** The kind that the tests of the controller are about. */
export type Widget = CustomObject<{ readonly size: number }, Status>

type Body = (draft: Draft<Widget>, context: ReconcileContext) => Promise<Result>

interface Line {
  readonly level: string
  readonly msg: string
  readonly err?: object
  readonly [field: string]: unknown
}

const resource = { group: 'example.io', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true }

/** What all these tests have in common. */
const common: Pick<ControllerOptions<Widget>, 'name' | 'resource' | 'conditions' | 'passTimeoutMs' | 'backoff'> = {
  name: 'widget',
  resource,
  conditions: ['Made'],
  passTimeoutMs: 60_000,
  backoff: { baseMs: 5, capMs: 1_000_000 },
}

/** The status of a widget whose first generation is made: a pass that changes nothing of it writes nothing. */
export const madeStatus: Status = {
  observedGeneration: 1,
  conditions: [
    { type: 'Made', status: 'True', reason: 'AllMade', message: '', observedGeneration: 1, lastTransitionTime: '2026-11-20T00:00:00Z' },
    { type: 'Ready', status: 'True', reason: 'Ready', message: '', observedGeneration: 1, lastTransitionTime: '2026-11-20T00:00:00Z' },
  ],
}

/** One that has our finalizer and no status, where `change` says nothing else. */
export function widget(name: string, change: { readonly spec?: Widget['spec']; readonly status?: Status; readonly metadata?: object } = {}): Widget {
  const metadata = { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: '1', generation: 1, finalizers: ['tidegate.io/cleanup'], ...change.metadata }
  return { metadata, spec: change.spec ?? { size: 1 }, ...(change.status === undefined ? {} : { status: change.status }) }
}

/** A cache of `kube` that shows every change at once, or only what `show` was called for, and how to wait for it. */
function testCache(kube: TestKube, clock: FakeClock, lags: boolean) {
  const shown = new Map<string, Widget>()
  const show = (): void => {
    for (const [key, object] of kube.objects) shown.set(key.slice('widgets/'.length), object as Widget)
  }
  const get = (key: string): Widget | undefined => (lags ? shown.get(key) : (kube.read('widgets', key) as Widget | undefined))
  const waitFor: ControllerOptions<Widget>['waitFor'] = async (key, resourceVersion, { signal, timeoutMs }) => {
    for (let waited = 0; waited < timeoutMs; waited += 100) {
      const at = get(key)
      if (at === undefined || Number(at.metadata.resourceVersion) >= Number(resourceVersion)) return true
      await clock.sleep(100, { signal })
    }
    return false
  }
  return { show, cache: { get }, waitFor }
}

/** A controller over objects in memory, whose cache shows every change at once and which is told of every change, as an informer would. */
export function start(
  reconcile: Body,
  options: { finalize?: (draft: Draft<Widget>, context: ReconcileContext) => Promise<FinalizeResult>; concurrency?: number; cacheLags?: boolean } = {},
) {
  const { finalize = async () => finalized, concurrency = 1, cacheLags = false } = options
  const [clock, kube, metrics, stop] = [new FakeClock(), new TestKube(), createMetrics(), new AbortController()]
  const lines: Line[] = []
  const events: EventText[] = []
  const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Line) } })
  const { show, cache, waitFor } = testCache(kube, clock, cacheLags)
  const controller = new Controller<Widget>({
    ...common,
    client: kube.client,
    cache,
    waitFor,
    reconciler: { reconcile, finalize },
    events: { record: (_resource, _object, event) => void events.push(event) },
    concurrency,
    clock,
    random: seededRandom(1),
    log,
    metrics,
  })
  kube.changed = (key) => controller.enqueue(key)
  const ended = controller.run(stop.signal)
  const put = async (object: Widget): Promise<void> => {
    kube.put('widgets', object)
    if (cacheLags) show()
    await clock.advance(0)
  }
  const read = (name: string): Widget | undefined => kube.read('widgets', `ns/${name}`) as Widget | undefined
  const condition = (name: string, type: string) => read(name)?.status?.conditions?.find((one) => one.type === type)
  const total = async (result: string): Promise<number> => {
    const { values } = await metrics.registry.getSingleMetric('controller_runtime_reconcile_total')!.get()
    return values.find(({ labels }) => labels['result'] === result)?.value ?? Number.NaN
  }
  return { clock, kube, metrics, lines, events, stop, controller, ended, put, show, read, condition, total }
}
