import type { NodeGroup, NodeGroupConfigChange, NodeGroupScaling } from '../../aws/eks/port.ts'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { stableHash } from '../../lib/hash.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { isMarkedBy } from './ownership.ts'
import { retryTokenOf } from './retry-token.ts'
import type { TestCloud } from './test-cloud.ts'
import { approveAnnotation } from './updates/approval.ts'

type Operation = NonNullable<NonNullable<EksNodeGroup['status']>['operation']>

/** What the operator promises of each write, judged right before AWS gets it, by what AWS and the API server have at that moment. For tests. */
export class TestPromises {
  /** Each broken one, in words. */
  readonly broken: string[] = []
  readonly #cloud: TestCloud
  readonly #object: () => EksNodeGroup | undefined
  /** Tokens of creations that are on their way without an answer. */
  readonly #creationsLate = new Set<string>()
  /** For which wish of people an update of the version was meant, by token. */
  readonly #wishes = new Map<string, string>()
  readonly #settings: { readonly token: string; readonly what: string; readonly id: string }[] = []

  constructor(cloud: TestCloud, object: () => EksNodeGroup | undefined) {
    this.#cloud = cloud
    this.#object = object
  }

  create(token: string): void {
    const { group, foreign } = this.#cloud
    this.#intended('Create', token)
    const isBeside = group !== undefined && !foreign.has(group.arn) && !this.#cloud.hasMade(token)
    this.#keep(!isBeside && [...this.#creationsLate].every((late) => late === token), 'asks for a second group while the first is there, or on its way')
  }

  creationIsLate(token: string, isLate: boolean): void {
    if (isLate) this.#creationsLate.add(token)
    else this.#creationsLate.delete(token)
  }

  settings(token: string): void {
    this.#intended('UpdateConfig', token)
    this.#onlyOurs('UpdateConfig')
  }

  /** EKS took it. */
  settingsTaken(token: string, change: NodeGroupConfigChange, id: string): void {
    const { group, touched } = this.#cloud
    if (this.#settings.some((one) => one.token === token)) return
    const what = stableHash({ change, arn: group?.arn, touched, generation: this.#object()?.metadata.generation })
    const before = this.#settings.findLast((one) => one.what === what)
    const hasFailed = before !== undefined && this.#cloud.describeUpdate(before.id)?.state === 'Failed'
    this.#keep(before === undefined || hasFailed, 'brings the same settings twice, though nobody changed anything and EKS did not fail')
    this.#settings.push({ token, what, id })
  }

  sizes(token: string, send: Partial<NodeGroupScaling>): void {
    this.#intended('UpdateScaling', token)
    this.#onlyOurs('UpdateScaling')
    this.#keep(!this.#lowers(send), `lowers the number by ${JSON.stringify(send)}`)
  }

  /** A call for numbers arrives: later than it was sent, others may have been taken, but for those of people none that is higher. */
  sizesArrive(send: Partial<NodeGroupScaling>, movedBefore: number): void {
    this.#keep(movedBefore !== this.#cloud.numbersMoved || !this.#lowers(send), `a late call lowers the number by ${JSON.stringify(send)}`)
  }

  version(token: string): void {
    this.#intended('UpdateVersion', token)
    this.#onlyOurs('UpdateVersion')
    const { metadata, spec } = this.#live
    const { generation = 0, annotations } = metadata
    const isAutomatic = spec.update.approval === 'Automatic'
    this.#keep(isAutomatic || annotations?.[approveAnnotation] === String(generation), 'updates the version without an approval')
  }

  /** The API server has stored a status: that is when an update of the version is meant. */
  stored({ metadata, spec, status }: EksNodeGroup): void {
    const { operation } = status ?? {}
    if (operation?.kind !== 'UpdateVersion' || this.#wishes.has(operation.token)) return
    const { version, update } = spec
    const wish = update.approval === 'Automatic' ? { version, update } : { generation: metadata.generation }
    const { group, versionUpdates } = this.#cloud
    // In these stories its value is the time when it was set. One from before the last update ended was not of that one.
    const retry = Number(retryTokenOf(metadata) ?? 0)
    const endedAtMs = versionUpdates.at(-1)?.endedAtMs ?? 0
    this.#wishes.set(operation.token, stableHash({ wish, arn: group?.arn, retry: retry >= endedAtMs ? retry : 0 }))
  }

  delete(): void {
    const { metadata, spec, status } = this.#live
    const { group, foreign, instances } = this.#cloud
    this.#keep(status?.operation?.kind === 'Delete', 'deletes without a stored intent')
    this.#onlyOurs('Delete')
    if (group === undefined) return
    if (metadata.deletionTimestamp === undefined) {
      this.#keep(group.state === 'CreateFailed' && instances.length === 0, 'deletes a group that stands, and nobody asked for that')
      this.#keep(!foreign.has(group.arn), 'deletes a group that it found, to make it again')
      return
    }
    this.#keep(instances.length === 0 || this.#isConfirmed, 'deletes nodes that nobody confirmed')
    const isKept = spec.policy.deletion === 'Retain' || (foreign.has(group.arn) && spec.policy.deletion !== 'Delete')
    this.#keep(!isKept, 'deletes a group that is retained')
  }

  tag(tags: NodeGroup['tags']): void {
    const { uid } = this.#live.metadata
    const { group } = this.#cloud
    this.#keep(this.#live.status?.operation !== undefined, 'tags without a stored intent')
    if (group === undefined || isMarkedBy(group.tags, uid)) return
    const isFree = group.tags['tidegate.io/owner'] === undefined && this.#live.spec.policy.adoption !== 'CreateOnly'
    this.#keep(isFree && isMarkedBy(tags, uid), 'tags a group that is not to be taken')
  }

  untag(): void {
    this.#onlyOurs('untag')
  }

  end(instanceId: string, isDrained: boolean): void {
    this.#onlyOurs('Terminate')
    this.#keep(isDrained, 'ends a node that is not drained')
    this.#keep(this.#live.metadata.deletionTimestamp === undefined || this.#isConfirmed, 'ends a node of a deletion that nobody confirmed')
    const stored = this.#live.status?.removals?.find((one) => one.instanceId === instanceId)
    this.#keep(stored?.state === 'Removing' && stored.call !== undefined, 'ends a node without a stored intent')
  }

  unexpected(what: string): void {
    this.#keep(false, `nobody expects ${what} here`)
  }

  /** What can be said only afterwards. */
  atTheEnd(): readonly string[] {
    const taken = this.#cloud.versionUpdates.map(({ token }) => this.#wishes.get(token))
    this.#keep(new Set(taken).size === taken.length, 'updates the version twice for one wish')
    return this.broken
  }

  get #live(): EksNodeGroup {
    const object = this.#object()
    if (object === undefined) throw new Error('somebody writes for an object that is gone')
    return object
  }

  get #isConfirmed(): boolean {
    const { annotations, uid } = this.#live.metadata
    return annotations?.[confirmAnnotation] === uid
  }

  #intended(kind: Operation['kind'], token: string): void {
    const { operation } = this.#live.status ?? {}
    this.#keep(operation?.kind === kind && operation.token === token, `${kind} under a token that is not stored`)
  }

  #onlyOurs(what: string): void {
    const { group } = this.#cloud
    this.#keep(group === undefined || isMarkedBy(group.tags, this.#live.metadata.uid), `${what} on a group without our mark`)
  }

  #lowers({ desiredSize, maxSize }: Partial<NodeGroupScaling>): boolean {
    const { desiredCapacity = 0 } = this.#cloud.scalingGroup ?? {}
    return Math.min(desiredSize ?? desiredCapacity, maxSize ?? Number.POSITIVE_INFINITY) < desiredCapacity
  }

  #keep(isKept: boolean, otherwise: string): void {
    if (!isKept) this.broken.push(otherwise)
  }
}
