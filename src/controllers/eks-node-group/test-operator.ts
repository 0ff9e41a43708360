import { type EksNodeGroup, type ManagedEksNodeGroupSpec, eksNodeGroups } from '../../crds/eks-node-group.ts'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { Condition, KubeObject } from '../../kube/objects.ts'
import { createLogger } from '../../observability/logger.ts'
import { finalizer } from '../../runtime/finalizer.ts'
import { type Outcome, type PassOptions, runPass } from '../../runtime/pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { type Fault, TestCalls } from './test-calls.ts'
import { TestCloud } from './test-cloud.ts'
import { aPass } from './test-pass.ts'
import { TestPromises } from './test-promises.ts'
import { aSpec } from './test-spec.ts'

/** How long a process takes to come back, and how long the runtime leaves alone what is stalled, ms. */
const [restartMs, stalledMs] = [3_000, 600_000]
const log = createLogger({ level: 'silent' })

/** The real reconciler in the real pass of the runtime, with one object in an API server and `TestCloud`; fails, dies and starts anew as it is told. For tests. */
export class TestOperator {
  readonly cloud = new TestCloud()
  /** As the API server has it; `undefined` once it is gone. */
  object: EksNodeGroup | undefined
  /** As it was when it went. */
  last: EksNodeGroup | undefined
  readonly promises = new TestPromises(this.cloud, () => this.object)
  #shown: EksNodeGroup | undefined
  #calls = new TestCalls(this.cloud, this.promises)
  #reconciler = this.#start()
  #tokens = 0
  #errors = 0

  constructor(spec: Partial<ManagedEksNodeGroupSpec>) {
    const metadata = { name: 'workers', namespace: 'training', uid: 'u1', resourceVersion: '1', generation: 1, finalizers: [finalizer] }
    this.object = { metadata, spec: aSpec(spec) }
    this.#shown = this.object
  }

  edit(change: Partial<ManagedEksNodeGroupSpec>): void {
    this.#put(({ metadata, spec, ...rest }) => ({ ...rest, metadata: next(metadata), spec: { ...spec, ...change } }))
  }

  annotate(name: string, value: string | undefined): void {
    this.#put(({ metadata, ...rest }) => {
      const { [name]: _, ...others } = metadata.annotations ?? {}
      return { ...rest, metadata: { ...metadata, annotations: value === undefined ? others : { ...others, [name]: value } } }
    })
  }

  delete(): void {
    if (this.object?.metadata.deletionTimestamp !== undefined) return
    const deletionTimestamp = this.cloud.now.toISOString()
    this.#put(({ metadata, ...rest }) => ({ ...rest, metadata: { ...next(metadata), deletionTimestamp } }))
  }

  condition(type: string): Condition | undefined {
    return this.object?.status?.conditions?.find((one) => one.type === type)
  }

  /** One pass; answers in how many milliseconds the runtime would begin the next one at the latest. */
  async pass(fault?: Fault): Promise<number> {
    this.#calls.fault = fault
    if (this.#calls.take('ObjectIsStale') === undefined) this.#shown = this.object
    if (this.#shown === undefined) return 0
    const ends = { stop: this.#calls.stop.signal, interrupt: new AbortController().signal }
    const { outcome } = await runPass(this.#shown, this.#options, log, ends)
    if (this.#calls.stop.signal.aborted) this.#restart()
    this.#errors = outcome.kind === 'error' ? this.#errors + 1 : 0
    return msAfter(outcome, this.#errors)
  }

  get #options(): PassOptions<EksNodeGroup> {
    return {
      resource: eksNodeGroups,
      conditions: eksNodeGroupConditions,
      client: { apply: this.#apply } as unknown as KubeClient,
      reconciler: this.#reconciler,
      events: { record: () => undefined },
      passTimeoutMs: 60_000,
      clock: { now: () => this.cloud.now, monotonicMs: () => this.cloud.nowMs, sleep: async () => await new Promise(() => undefined) },
    }
  }

  #restart(): void {
    this.#calls = new TestCalls(this.cloud, this.promises)
    this.#reconciler = this.#start()
    this.#shown = this.object
  }

  #start(): EksNodeGroupReconciler {
    const { surroundings, sizes } = aPass()
    const { target } = this.#calls
    const newToken = (): string => {
      this.#tokens += 1
      return `token-${this.#tokens}`
    }
    return new EksNodeGroupReconciler({
      targets: { find: () => ({ state: 'ready', target }) },
      sizes,
      surroundings: { ...surroundings, now: () => this.cloud.now, newToken, askObject: async () => this.object },
    })
  }

  #put(change: (object: EksNodeGroup) => EksNodeGroup): void {
    if (this.object === undefined) return
    const { metadata, ...rest } = change(this.object)
    this.object = { ...rest, metadata: { ...metadata, resourceVersion: String(Number(metadata.resourceVersion) + 1) } }
  }

  /** The API server: a status on the version that was read, and the end of the finalizer. A process sees its own writes. */
  readonly #apply = async (_resource: unknown, _key: unknown, body: object, { subresource }: { readonly subresource?: string }): Promise<KubeObject> => {
    const { metadata, status } = body as EksNodeGroup
    await this.#calls.store(() => {
      if (this.object === undefined) throw new KubeError(404, 'NotFound', 'gone')
      if (subresource === undefined) {
        this.last = this.object
        this.object = undefined
        return
      }
      if (metadata.resourceVersion !== this.object.metadata.resourceVersion) throw new KubeError(409, 'Conflict', 'changed')
      this.#put((object) => ({ ...object, ...(status === undefined ? {} : { status: structuredClone(status) }) }))
      this.#shown = this.object
      this.promises.stored(this.object)
    })
    return { metadata: { ...metadata, ...this.object?.metadata } }
  }
}

function next(metadata: EksNodeGroup['metadata']): EksNodeGroup['metadata'] {
  return { ...metadata, generation: (metadata.generation ?? 0) + 1 }
}

function msAfter(outcome: Outcome, errors: number): number {
  switch (outcome.kind) {
    case 'aborted':
      return restartMs
    case 'requeueAfter':
      return outcome.ms
    case 'awaitChange':
    case 'terminal':
      return stalledMs
    case 'error':
      return Math.min(300_000, 1_000 * 2 ** errors)
    case 'checkpoint':
    case 'conflict':
    case 'interrupted':
    case 'schemaTooOld':
      return 100
    default:
      return outcome satisfies never
  }
}
