import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import { AwsError, type AwsErrorKind } from '../../aws/aws-error.ts'
import type { NodeGroup, NodeGroupConfigChange, NodeGroupCreation, NodeGroupScaling, NodeGroupUpdate, NodeGroupVersionChange } from '../../aws/eks/port.ts'
import { aGroup, aScalingGroup } from './test-pass.ts'
import { identityOf } from './settings/keys.ts'
import { TestTime } from './test-time.ts'

/** How late a call may arrive of which nobody reads the answer, ms. */
export const lateMs = 12_000
/** How long AWS takes, ms: in short, but a deletion lasts longer than a call can be on its way. */
const takes = { showGroup: 2_000, create: 5_000, config: 1_000, version: 10_000, delete: 15_000, noticeNumbers: 8_000 }

export function refusal(kind: AwsErrorKind, reason: string, action: string): AwsError {
  return new AwsError(kind, { reason, action, code: reason, message: `${action}: ${reason}` })
}

/**
 * One node group in EKS with its Auto Scaling group, as a small machine on a clock that is moved by hand, with EKS' rules: one of a name, one change at a time,
 * a client token acts once, own numbers that lag behind. Instances come and join at once. For tests.
 */
export class TestCloud extends TestTime {
  group: NodeGroup | undefined
  scalingGroup: ScalingGroup | undefined
  /** How many of the next end badly. */
  readonly fails = { creation: 0, settings: 0, version: 0, deletion: 0 }
  /** ARNs of the groups that a person made. */
  readonly foreign = new Set<string>()
  /** Updates of the version that EKS took: of which group, under which token, and when they ended. */
  readonly versionUpdates: { readonly arn: string; readonly token: string; endedAtMs?: number }[] = []
  /** Instances whose nodes are isolated and empty. */
  readonly drained = new Set<string>()
  /** How often a person moved the number, and changed anything else. */
  numbersMoved = 0
  touched = 0
  readonly #creations = new Map<string, string>()
  readonly #updates = new Map<string, NodeGroupUpdate>()
  readonly #updateOf = new Map<string, string>()
  #shownFromMs = 0
  #made = 0

  /** What DescribeNodegroup tells: a new group shows a moment later. */
  get shown(): NodeGroup | undefined {
    return this.nowMs >= this.#shownFromMs ? this.group : undefined
  }

  get instances(): readonly string[] {
    return this.scalingGroup?.instances.map(({ instanceId }) => instanceId) ?? []
  }

  /** Whether a creation under this token was taken. */
  hasMade(token: string): boolean {
    return this.#creations.has(token)
  }

  create(creation: NodeGroupCreation, token: string): string {
    const answered = this.#creations.get(token)
    if (answered !== undefined) return answered
    if (this.group !== undefined) throw refusal('AlreadyExists', 'NodeGroupExists', 'eks:CreateNodegroup')
    const madeAt = this.now.toISOString()
    this.#creations.set(token, madeAt)
    const { version = '1.36', labels = {}, taints = [], tags, update = { maxUnavailable: 1 } } = creation
    const arn = this.#make({ state: 'Creating', version, labels, taints, tags, update, scaling: creation.scaling, autoScalingGroups: [] })
    this.#shownFromMs = this.nowMs + takes.showGroup
    this.after(takes.create, () => this.#ifStill(arn, 'Creating', () => this.#endCreation(creation.scaling)))
    return madeAt
  }

  updateConfig({ labels, taints, update, nodeRepair }: NodeGroupConfigChange, token: string): string {
    return this.#update('ConfigUpdate', token, (group) => {
      const removed = new Set(labels?.remove)
      const replaced = new Set([...(taints?.set ?? []), ...(taints?.remove ?? [])].map(identityOf))
      this.#change({
        labels: Object.fromEntries(Object.entries({ ...group.labels, ...labels?.set }).filter(([key]) => !removed.has(key))),
        taints: [...group.taints.filter((taint) => !replaced.has(identityOf(taint))), ...(taints?.set ?? [])],
        ...(update === undefined ? {} : { update }),
        ...(nodeRepair === undefined ? {} : { nodeRepair: { ...group.nodeRepair, ...nodeRepair } }),
      })
    })
  }

  /** `onArrival` right before the numbers change. */
  updateScaling(send: Partial<NodeGroupScaling>, token: string, onArrival: () => void): string {
    return this.#update('ConfigUpdate', token, (group) => {
      const own = { ...group.scaling, ...send }
      if (own.minSize > own.desiredSize || own.desiredSize > own.maxSize) throw refusal('Invalid', 'RefusedByAws', 'eks:UpdateNodegroupConfig')
      onArrival()
      this.#change({ scaling: own })
      const { minSize = 0, maxSize = 0, desiredCapacity = 0 } = this.scalingGroup ?? {}
      this.setNumbers({ minSize, maxSize, desiredSize: desiredCapacity, ...send })
    })
  }

  updateVersion({ version }: NodeGroupVersionChange, token: string): string {
    return this.#update('VersionUpdate', token, (group) => {
      this.versionUpdates.push({ arn: group.arn, token })
      return () => this.#change(version === undefined ? {} : { version })
    })
  }

  describeUpdate(id: string): NodeGroupUpdate | undefined {
    return this.#updates.get(id)
  }

  listUpdates(): readonly string[] {
    return [...this.#updates.keys()]
  }

  delete(): void {
    const { arn, state } = this.group ?? {}
    if (arn === undefined || state === 'Deleting') return
    if (state === 'Creating' || state === 'Updating') throw refusal('Busy', 'NodeGroupBusy', 'eks:DeleteNodegroup')
    this.#change({ state: 'Deleting' })
    this.setNumbers({ minSize: 0, maxSize: 1, desiredSize: 0 })
    this.after(takes.delete, () => this.#ifStill(arn, 'Deleting', () => this.#endDeletion()))
  }

  tag(arn: string, tags: NodeGroup['tags']): void {
    if (this.group?.arn !== arn) throw refusal('NotFound', 'NodeGroupNotFound', 'eks:TagResource')
    this.#change({ tags: { ...this.group.tags, ...tags } })
  }

  untag(arn: string, keys: readonly string[]): void {
    if (this.group?.arn !== arn) throw refusal('NotFound', 'NodeGroupNotFound', 'eks:UntagResource')
    this.#change({ tags: Object.fromEntries(Object.entries(this.group.tags).filter(([key]) => !keys.includes(key))) })
  }

  /** By name, as `TerminateInstanceInAutoScalingGroup` with a decrement. */
  terminate(instanceId: string): void {
    const group = this.scalingGroup
    if (group?.instances.every((one) => one.instanceId !== instanceId) !== false)
      throw refusal('NotFound', 'InstanceNotFound', 'autoscaling:TerminateInstanceInAutoScalingGroup')
    if (group.desiredCapacity <= group.minSize) throw refusal('Invalid', 'MinSizeReached', 'autoscaling:TerminateInstanceInAutoScalingGroup')
    const instances = group.instances.filter((one) => one.instanceId !== instanceId)
    this.scalingGroup = { ...group, desiredCapacity: group.desiredCapacity - 1, instances }
    this.#noticeNumbers()
  }

  /** A person makes a group of the name. */
  makeForeign(): void {
    if (this.group !== undefined) return
    const scaling = { minSize: 1, maxSize: 4, desiredSize: 2 }
    this.foreign.add(this.#make({ state: 'Active', version: '1.34', tags: { maker: 'them' }, scaling, autoScalingGroups: [`asg-${this.#made}`] }))
    this.#makeScalingGroup(scaling)
  }

  /** A person changes tags or labels of the group, whatever EKS does with it. */
  touch(changed: Pick<Partial<NodeGroup>, 'tags' | 'labels'>): void {
    this.touched += 1
    if (this.group !== undefined) this.#change(changed)
  }

  /** A person sets the number, inside the bounds that there are. */
  setByHand(number: number): void {
    if (this.scalingGroup === undefined || this.group?.state === 'Deleting') return
    const { minSize, maxSize } = this.scalingGroup
    this.numbersMoved += 1
    this.setNumbers({ minSize, maxSize, desiredSize: Math.min(maxSize, Math.max(minSize, number)) })
    this.#noticeNumbers()
  }

  /** As Auto Scaling takes numbers: one outside the bounds is moved into them, and who is too many is ended by AWS' choice. */
  setNumbers({ minSize, maxSize, desiredSize }: NodeGroupScaling): void {
    if (this.scalingGroup === undefined) return
    const desiredCapacity = Math.max(minSize, Math.min(maxSize, desiredSize))
    const { instances } = this.scalingGroup
    const more = Array.from({ length: Math.max(0, desiredCapacity - instances.length) }, () => this.#launched())
    this.scalingGroup = { ...this.scalingGroup, minSize, maxSize, desiredCapacity, instances: [...instances, ...more].slice(0, desiredCapacity) }
  }

  #make(changed: Partial<NodeGroup>): string {
    this.#made += 1
    const arn = `arn:workers/${this.#made}`
    this.group = aGroup({ arn, ...changed })
    this.#updates.clear()
    return arn
  }

  #makeScalingGroup(scaling: NodeGroupScaling): void {
    const name = `asg-${this.#made}`
    this.scalingGroup = aScalingGroup({ name, zones: ['a'], desiredCapacity: 0, instances: [] })
    this.#change({ autoScalingGroups: [name] })
    this.setNumbers(scaling)
  }

  #launched(): ScalingGroup['instances'][number] {
    this.#made += 1
    return { instanceId: `i-${this.#made}`, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }
  }

  #endCreation(scaling: NodeGroupScaling): void {
    this.#makeScalingGroup(scaling)
    const isFailed = this.fails.creation > 0
    if (isFailed) this.fails.creation -= 1
    this.#change(isFailed ? { state: 'CreateFailed', healthIssues: [{ code: 'Told', message: 'told to', resourceIds: [] }] } : { state: 'Active' })
  }

  #endDeletion(): void {
    if (this.fails.deletion > 0) {
      this.fails.deletion -= 1
      return this.#change({ state: 'DeleteFailed' })
    }
    this.group = undefined
    this.scalingGroup = undefined
  }

  /** `begin` changes what shows at once; what it answers, what shows in the end. */
  #update(type: string, token: string, begin: (group: NodeGroup) => (() => void) | void): string {
    const known = this.#updateOf.get(token)
    if (known !== undefined) return known
    const { group } = this
    const action = type === 'VersionUpdate' ? 'eks:UpdateNodegroupVersion' : 'eks:UpdateNodegroupConfig'
    if (group === undefined) throw refusal('NotFound', 'NodeGroupNotFound', action)
    if (group.state !== 'Active') throw refusal('Busy', 'NodeGroupBusy', action)
    const what = type === 'VersionUpdate' ? 'version' : 'settings'
    const isFailed = this.fails[what] > 0
    const end = isFailed && type === 'ConfigUpdate' ? undefined : begin(group)
    if (isFailed) this.fails[what] -= 1
    const id = `update-${this.#updateOf.size + 1}`
    this.#updateOf.set(token, id)
    const update: NodeGroupUpdate = { id, type, createdAt: this.now.toISOString(), state: 'InProgress', errors: [] }
    this.#updates.set(id, update)
    this.#change({ state: 'Updating' })
    this.after(type === 'VersionUpdate' ? takes.version : takes.config, () => {
      const taken = this.versionUpdates.find((one) => one.token === token)
      if (taken !== undefined) taken.endedAtMs = this.nowMs
      if (this.group?.arn !== group.arn) return
      this.#updates.set(id, isFailed ? { ...update, state: 'Failed', errors: [{ code: 'Told', message: 'told to' }] } : { ...update, state: 'Successful' })
      if (this.group.state === 'Updating') this.#change({ state: 'Active' })
      if (!isFailed) end?.()
    })
    return id
  }

  /** EKS notices later what was changed in Auto Scaling. */
  #noticeNumbers(): void {
    this.after(takes.noticeNumbers, () => {
      if (this.group === undefined || this.scalingGroup === undefined) return
      const { minSize, maxSize, desiredCapacity } = this.scalingGroup
      this.#change({ scaling: { minSize, maxSize, desiredSize: desiredCapacity } })
    })
  }

  #ifStill(arn: string, state: NodeGroup['state'], act: () => void): void {
    if (this.group?.arn === arn && this.group.state === state) act()
  }

  #change(changed: Partial<NodeGroup>): void {
    if (this.group !== undefined) this.group = { ...this.group, ...changed }
  }
}
