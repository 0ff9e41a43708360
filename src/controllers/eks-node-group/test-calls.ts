import type { ScalingGroup, ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import type { NodeGroup, NodeGroupsPort } from '../../aws/eks/port.ts'
import type { Node } from '../../kube/objects.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { DrainPort, GroupTarget, NodesPort } from './ports.ts'
import { type TestCloud, lateMs, refusal } from './test-cloud.ts'
import { aPass } from './test-pass.ts'
import type { TestPromises } from './test-promises.ts'

export const readFaults = ['ReadThrottled', 'ReadUnanswered', 'ReadDenied'] as const
export const writeFaults = [
  'WriteThrottled',
  'WriteDenied',
  'WriteLost',
  'AnswerLost',
  'WriteLate',
  'DiesBeforeWrite',
  'DiesAfterWrite',
  'DiesAndWriteLate',
] as const
export const statusFaults = ['StatusConflict', 'DiesBeforeStatus', 'DiesAfterStatus'] as const

/** What may go wrong in a pass, once: at its first read, its first write, or where its status is stored. Of a write that is late nobody reads the answer. */
export type Fault = (typeof readFaults)[number] | (typeof writeFaults)[number] | (typeof statusFaults)[number] | 'ObjectIsStale'

/** How long a call takes, ms. */
const callMs = 50

/** What one process has between itself and `TestCloud`: calls that fail as they are told, what it remembers of answers, and the nodes. For tests. */
export class TestCalls {
  fault: Fault | undefined
  readonly stop = new AbortController()
  readonly #cloud: TestCloud
  readonly #promises: TestPromises
  #known: { readonly atMs: number; readonly group: NodeGroup | undefined } | undefined
  #swept: { readonly atMs: number; readonly groups: readonly ScalingGroup[] } | undefined

  constructor(cloud: TestCloud, promises: TestPromises) {
    this.#cloud = cloud
    this.#promises = promises
  }

  get target(): GroupTarget {
    const { target } = aPass({ nodes: this.#nodes, drain: this.#drain, nodeGroups: this.#nodeGroups, scalingGroups: this.#scalingGroups })
    return { ...target, clusterVersion: '1.36' }
  }

  /** Whether this fault is told for now; it happens once. */
  take<F extends Fault>(...some: readonly F[]): F | undefined {
    const found = some.find((one) => one === this.fault)
    if (found !== undefined) this.fault = undefined
    return found
  }

  /** The process ends where it stands. */
  die(): never {
    this.stop.abort(new Error('killed'))
    throw new Error('killed')
  }

  /** Where the status is stored. */
  async store(act: () => void): Promise<void> {
    this.stop.signal.throwIfAborted()
    const fault = this.take(...statusFaults)
    if (fault === 'DiesBeforeStatus') this.die()
    if (fault === 'StatusConflict') throw new KubeError(409, 'Conflict', 'told to')
    act()
    if (fault === 'DiesAfterStatus') this.die()
  }

  async #read<T>(action: string, read: () => T): Promise<T> {
    this.stop.signal.throwIfAborted()
    this.#cloud.advance(callMs)
    const fault = this.take(...readFaults)
    if (fault === 'ReadThrottled') throw refusal('Throttled', 'Throttled', action)
    if (fault === 'ReadUnanswered') throw refusal('Unavailable', 'Unavailable', action)
    if (fault === 'ReadDenied') throw refusal('AccessDenied', 'AccessDenied', action)
    return read()
  }

  /** `judge` right before it leaves, `act` when it arrives. */
  async #write<T>(action: string, judge: () => void, act: () => T, onLate: (isLate: boolean) => void = () => undefined): Promise<T> {
    this.stop.signal.throwIfAborted()
    this.#cloud.advance(callMs)
    this.#known = undefined
    const fault = this.take(...writeFaults)
    if (fault === 'DiesBeforeWrite') this.die()
    judge()
    if (fault === undefined) return act()
    if (fault === 'WriteThrottled') throw refusal('Throttled', 'Throttled', action)
    if (fault === 'WriteDenied') throw refusal('AccessDenied', 'AccessDenied', action)
    if (fault === 'AnswerLost' || fault === 'DiesAfterWrite') quietly(act)
    if (fault === 'WriteLate' || fault === 'DiesAndWriteLate') {
      onLate(true)
      this.#cloud.after(lateMs, () => {
        quietly(act)
        onLate(false)
      })
    }
    if (fault === 'DiesAfterWrite' || fault === 'DiesAndWriteLate') this.die()
    throw refusal('Unavailable', 'Unavailable', action)
  }

  readonly #nodeGroups: Partial<NodeGroupsPort> = {
    describe: async (_cluster, _name, { maxAgeMs = 0 }) => {
      if (this.#known !== undefined && this.#cloud.nowMs - this.#known.atMs < maxAgeMs) return this.#known.group
      const group = await this.#read('eks:DescribeNodegroup', () => this.#cloud.shown)
      this.#known = { atMs: this.#cloud.nowMs, group }
      return group
    },
    describeUpdate: async (_cluster, _name, id) => await this.#read('eks:DescribeUpdate', () => this.#cloud.describeUpdate(id)),
    listUpdates: async () => await this.#read('eks:ListUpdates', () => this.#cloud.listUpdates()),
    create: async (_cluster, creation, { token }) =>
      await this.#write(
        'eks:CreateNodegroup',
        () => this.#promises.create(token),
        () => this.#cloud.create(creation, token),
        (isLate) => this.#promises.creationIsLate(token, isLate),
      ),
    updateConfig: async (_cluster, _name, change, { token }) =>
      await this.#write(
        'eks:UpdateNodegroupConfig',
        () => this.#promises.settings(token),
        () => {
          const id = this.#cloud.updateConfig(change, token)
          this.#promises.settingsTaken(token, change, id)
          return id
        },
      ),
    updateScaling: async (_cluster, _name, send, { token }) => {
      const moved = this.#cloud.numbersMoved
      return await this.#write(
        'eks:UpdateNodegroupConfig',
        () => this.#promises.sizes(token, send),
        () => this.#cloud.updateScaling(send, token, () => this.#promises.sizesArrive(send, moved)),
      )
    },
    updateVersion: async (_cluster, _name, change, { token }) =>
      await this.#write(
        'eks:UpdateNodegroupVersion',
        () => this.#promises.version(token),
        () => this.#cloud.updateVersion(change, token),
      ),
    delete: async () =>
      await this.#write(
        'eks:DeleteNodegroup',
        () => this.#promises.delete(),
        () => this.#cloud.delete(),
      ),
    tag: async (arn, tags) =>
      await this.#write(
        'eks:TagResource',
        () => this.#promises.tag(tags),
        () => this.#cloud.tag(arn, tags),
      ),
    untag: async (arn, keys) =>
      await this.#write(
        'eks:UntagResource',
        () => this.#promises.untag(),
        () => this.#cloud.untag(arn, keys),
      ),
  }

  readonly #scalingGroups: Partial<ScalingGroupsPort> = {
    describe: async (names) => {
      const groups = await this.#read('autoscaling:DescribeAutoScalingGroups', () => this.#scalingGroup())
      this.#swept = { atMs: this.#cloud.nowMs, groups }
      return groups.filter(({ name }) => names.includes(name))
    },
    ofCluster: async (_cluster, { maxAgeMs }) => {
      if (this.#swept !== undefined && this.#cloud.nowMs - this.#swept.atMs < maxAgeMs) return this.#swept.groups
      const groups = await this.#read('autoscaling:DescribeAutoScalingGroups', () => this.#scalingGroup())
      this.#swept = { atMs: this.#cloud.nowMs, groups }
      return groups
    },
    forget: () => {
      this.#swept = undefined
    },
    activities: async () => [],
    terminate: async (id) => {
      this.#swept = undefined
      await this.#write(
        'autoscaling:TerminateInstanceInAutoScalingGroup',
        () => this.#promises.end(id, this.#cloud.drained.has(id)),
        () => this.#cloud.terminate(id),
      )
    },
  }

  #scalingGroup(): readonly ScalingGroup[] {
    return this.#cloud.scalingGroup === undefined ? [] : [this.#cloud.scalingGroup]
  }

  get #nodes(): Partial<NodesPort> {
    const nodes = (): readonly Node[] => this.#cloud.instances.map(nodeOf)
    return {
      byInstance: (id) => (this.#cloud.instances.includes(id) ? nodeOf(id) : undefined),
      byName: (name) => nodes().find(({ metadata }) => metadata.name === name),
      inGroup: nodes,
      namesInGroup: async () => nodes().map(({ metadata }) => metadata.name),
    }
  }

  /** A node is drained by the second look. */
  readonly #drain: Partial<DrainPort> = {
    drainNode: async ({ node: { name } }) => {
      const id = name.replace('node-', '')
      const isEmpty = this.#cloud.drained.has(id)
      this.#cloud.drained.add(id)
      const state = { step: isEmpty ? 'Empty' : 'Draining', isolatedAt: '2026-11-21T06:00:00Z' } as const
      return { state, progress: { left: 0, blocked: [], message: 'drains' }, next: isEmpty ? { kind: 'empty' } : { kind: 'wait', ms: 5_000 } }
    },
    lastLook: async ({ node: { name } }) => ({ kind: 'empty', node: nodeOf(name.replace('node-', '')) }),
    isolate: async ({ name }) => ({ kind: 'done', changed: true, node: nodeOf(name.replace('node-', '')) }),
    release: async ({ name }) => {
      const id = name.replace('node-', '')
      this.#cloud.drained.delete(id)
      return { kind: 'done', changed: true, node: nodeOf(id) }
    },
  }
}

function nodeOf(id: string): Node {
  const metadata = { name: `node-${id}`, uid: `uid-${id}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
  return { metadata, spec: { providerID: `aws:///a/${id}` }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
}

function quietly(act: () => unknown): void {
  try {
    act()
  } catch {
    // nobody reads the answer
  }
}
