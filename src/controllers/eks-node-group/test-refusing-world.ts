import { AwsError } from '../../aws/aws-error.ts'
import type { NodeGroup, NodeGroupConfigChange, NodeGroupScaling } from '../../aws/eks/port.ts'
import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import type { Condition, Node } from '../../kube/objects.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import { type Result, TerminalError } from '../../runtime/reconciler.ts'
import { composeStatus, statusChanged } from '../../runtime/status.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { aSpec } from './test-spec.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

export const minute = 60_000
export const remedy = 'Give the actions of config/iam/policy.json to the role that asks.'
export const sizes = (desiredSize: number): ReturnType<typeof aSpec>['scaling'] => ({
  minSize: 0,
  maxSize: 10,
  desiredSize,
  sizeOwner: 'Spec',
  allowLarge: false,
})

function denied(action: string): AwsError {
  return new AwsError('AccessDenied', { reason: 'AccessDenied', action, code: 'AccessDeniedException', message: `${action} is denied. ${remedy}` })
}

function nodeOf(id: string): Node {
  const metadata = { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  return { metadata, spec: { providerID: `aws:///a/${id}` }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
}

/** A group of two nodes whose wish for a tag or a label AWS refuses, worked on as the runtime does it; for tests. */
export class RefusingWorld {
  readonly clock = new FakeClock()
  /** What AWS refuses: kinds of settings, or to end a node. */
  readonly refuses = new Set(['Tag', 'UpdateConfig'])
  /** What AWS was asked for. */
  readonly asked: string[] = []
  /** How often AWS itself was read, and the status was written. */
  looks = 0
  writes = 0
  /** What each pass left in the conditions. */
  readonly said: (readonly Condition[])[] = []
  /** The status after each pass. */
  readonly stored: NonNullable<EksNodeGroup['status']>[] = []
  group: NodeGroup = aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 2 } })
  asg: ScalingGroup = this.#withInstances(['i-1', 'i-2'])
  object: EksNodeGroup
  #drained = new Set<string>()
  #reconciler = this.#start()
  #stalledUntilMs: number | undefined

  constructor(spec: Parameters<typeof aSpec>[0]) {
    const metadata = { name: 'workers', namespace: 'training', uid: 'u1', resourceVersion: '1', generation: 1 }
    this.object = { metadata, spec: aSpec({ scaling: sizes(2), ...spec }) }
  }

  /** What AWS was asked for of this kind. */
  calls(kind: string): readonly string[] {
    return this.asked.filter((one) => one.startsWith(`${kind} `))
  }

  condition(type: string): Condition | undefined {
    return this.object.status?.conditions?.find((one) => one.type === type)
  }

  edit(spec: Parameters<typeof aSpec>[0]): void {
    const { metadata } = this.object
    this.object = { ...this.object, metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 }, spec: { ...this.object.spec, ...spec } }
    this.#stalledUntilMs = undefined
  }

  retry(token: string): void {
    this.object = { ...this.object, metadata: { ...this.object.metadata, annotations: { 'tidegate.io/retry': token } } }
    this.#stalledUntilMs = undefined
  }

  restart(): void {
    this.#reconciler = this.#start()
    this.#stalledUntilMs = undefined
  }

  /** Lets so much time go by; a pass whenever the last one asked for it. Ends at rest between two passes. */
  async run(ms: number): Promise<void> {
    const untilMs = this.clock.now().getTime() + ms
    let nextMs = this.#stalledUntilMs ?? this.clock.now().getTime()
    while (nextMs <= untilMs) {
      await this.clock.advance(nextMs - this.clock.now().getTime())
      const result = await this.#pass()
      nextMs = this.clock.now().getTime() + (result.kind === 'checkpoint' ? 1 : result.kind === 'requeueAfter' ? result.ms : 10 * minute)
    }
    await this.clock.advance(untilMs - this.clock.now().getTime())
  }

  async #pass(): Promise<Result> {
    const { conditions: before = [], ...status } = structuredClone(this.object.status) ?? {}
    const conditions = new ConditionSet(eksNodeGroupConditions, before)
    const draft = { object: this.object, status, conditions }
    let result: Result
    this.#stalledUntilMs = undefined
    try {
      result = await this.#reconciler.reconcile(draft, this.#given().context)
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error
      conditions.stalled(error.reason, error.message)
      result = { kind: 'awaitChange' }
      this.#stalledUntilMs = this.clock.now().getTime() + 10 * minute
    }
    const complete = result.kind !== 'checkpoint'
    if (!complete) conditions.keepStalled()
    const composed = composeStatus(this.object, draft, { now: this.clock.now(), complete })
    if (statusChanged(this.object, composed)) this.writes += 1
    else if (!complete) throw new Error('a checkpoint without anything new to store would run for ever')
    const stored = composed as NonNullable<EksNodeGroup['status']>
    this.object = { ...this.object, status: stored }
    this.stored.push(stored)
    this.said.push(composed.conditions ?? [])
    return result
  }

  #withInstances(ids: readonly string[]): ScalingGroup {
    const instances = ids.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
    return aScalingGroup({ minSize: 0, desiredCapacity: ids.length, zones: ['a'], instances })
  }

  get #ids(): readonly string[] {
    return this.asg.instances.map(({ instanceId }) => instanceId)
  }

  #start(): EksNodeGroupReconciler {
    const { target, sizes: sizePort, surroundings } = this.#given()
    let tokens = 0
    const newToken = (): string => {
      tokens += 1
      return `token-${tokens}`
    }
    return new EksNodeGroupReconciler({
      targets: { find: () => ({ state: 'ready', target }) },
      sizes: sizePort,
      surroundings: { ...surroundings, now: () => this.clock.now(), newToken },
    })
  }

  #given(): ReturnType<typeof aPass> {
    const nodes = (): readonly Node[] => this.#ids.map(nodeOf)
    const read = async (): Promise<readonly ScalingGroup[]> => [this.asg]
    return aPass({
      nodes: {
        byInstance: (id) => nodes().find(({ metadata }) => metadata.name === `node-${id}`),
        byName: (name) => nodes().find(({ metadata }) => metadata.name === name),
        inGroup: nodes,
        namesInGroup: async () => nodes().map(({ metadata }) => metadata.name),
      },
      drain: {
        // A node takes two looks to be empty.
        drainNode: async ({ node: { name } }) => {
          const isEmpty = this.#drained.has(name)
          this.#drained.add(name)
          const state = { step: isEmpty ? 'Empty' : 'Draining', isolatedAt: '2026-11-21T06:00:00Z' } as const
          return { state, progress: { left: 0, blocked: [], message: 'drains' }, next: isEmpty ? { kind: 'empty' } : { kind: 'wait', ms: 5_000 } }
        },
        lastLook: async ({ node: { name } }) => ({ kind: 'empty', node: nodeOf(name.replace('node-', '')) }),
      },
      nodeGroups: {
        describe: async () => this.group,
        describeUpdate: async () => ({ id: 'update', state: 'Successful', errors: [] }),
        tag: async (_arn, set) => {
          this.asked.push(`Tag ${JSON.stringify(set)}`)
          if (this.refuses.has('Tag')) throw denied('eks:TagResource')
          this.group = { ...this.group, tags: { ...this.group.tags, ...set } }
        },
        updateConfig: async (_cluster: string, _name: string, { labels }: NodeGroupConfigChange) => {
          this.asked.push(`UpdateConfig ${JSON.stringify(labels?.set)}`)
          if (this.refuses.has('UpdateConfig')) throw denied('eks:UpdateNodegroupConfig')
          this.group = { ...this.group, labels: { ...this.group.labels, ...labels?.set } }
          return 'update'
        },
        updateScaling: async (_cluster: string, _name: string, send: Partial<NodeGroupScaling>) => {
          this.asked.push(`UpdateScaling ${JSON.stringify(send)}`)
          const ids = Array.from({ length: send.desiredSize ?? this.#ids.length }, (_, index) => `i-${index + 1}`)
          this.asg = this.#withInstances(ids)
          this.group = { ...this.group, scaling: { ...this.group.scaling, desiredSize: ids.length } }
          return 'update'
        },
      },
      scalingGroups: {
        describe: async () => {
          this.looks += 1
          return await read()
        },
        ofCluster: read,
        activities: async () => [],
        terminate: async (id) => {
          this.asked.push(`Terminate ${id}`)
          if (this.refuses.has('Terminate')) throw denied('autoscaling:TerminateInstanceInAutoScalingGroup')
          this.asg = this.#withInstances(this.#ids.filter((one) => one !== id))
        },
      },
    })
  }
}
