import type { EksCluster, NodeGroup } from '../../aws/eks/port.ts'
import type { TargetCluster } from '../../crds/target-cluster.ts'
import { defaultDrainBudget } from '../../drain/service.ts'
import type { Node } from '../../kube/objects.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { refuseUse } from './allow.ts'
import { unseen } from './feeds.ts'
import type { AwsPlace, ListedGroup, NodeCache, TargetAws, TargetConnection, TargetDrain } from './ports.ts'
import { groupLabel } from '../../aws/eks/group-label.ts'
import { namesInGroup } from './names-in-group.ts'
import { isOtherCluster } from './other-cluster.ts'
import { podsInTheWay } from './pods-in-the-way.ts'

/** What the last passes found out about one target; in memory only, every bit of it can be asked again. */
export interface TargetFacts {
  connection?: TargetConnection
  aws?: TargetAws
  /** What `aws` is the AWS of. */
  place?: AwsPlace
  /** The API server does not do what is needed. */
  unreachable?: Unreachable
  /** Since when the API server answers, and does not tell of its nodes or pods. */
  unseenSince?: Date
  /** Where the API server is, as EKS said last. */
  api?: { readonly endpoint: string; readonly certificateAuthority: string }
  /** The certificate of the authority of the cluster behind a connection, in PEM; absent while it is not known. */
  rootCa?: { readonly of: TargetConnection; readonly text: string }
  /** The Secret whose deletion was told. */
  toldLeaving?: string
  /** Why the cluster itself counts as gone: EKS, asked in its account, no longer has it. */
  gone?: string
  /** What answers at the address is another cluster. */
  replaced?: string
  /** Of the cluster that `clusterState` is about; of one that is gone the last. */
  clusterArn?: string
  /** EKS' word for the cluster's state. Absent: `aws` does not show the cluster that the groups are in, or has not shown it yet. */
  clusterState?: string
  /** As EKS said with the state. */
  clusterVersion?: EksCluster['version']
  /** The same. */
  authenticationMode?: EksCluster['authenticationMode']
  /** All groups of the cluster, by the last listing; none where none is made (`discovery: None`), absent before the first. */
  groups?: readonly ListedGroup[]
  /** The same as EKS told them. */
  described?: readonly NodeGroup[]
  cloudCheckedAt?: Date
  groupsCheckedAt?: Date
  /** Another object or management cluster stands for this cluster, or it is not the one that it was: nothing may be done there. */
  blocked?: boolean
}

/** Since when the API server of a target does not do what is needed, and what people are told of it. */
export interface Unreachable {
  readonly since: Date
  /** As in `the API server does not answer`. */
  readonly what: string
  readonly reason: string
  /** The reason, with what the server said at first. */
  readonly why: string
  /** What people can look at. */
  readonly remedy: string
  /** Since when they read this. */
  readonly toldSince?: Date
}

/** A target that does not answer for this long is unreachable; shorter gaps are nobody's news (kinds.md, "Unreachable or gone"). */
export const unreachableAfterMs = 60_000

/** One answer for whoever wants to use a target. */
type Found =
  | {
      readonly state: 'ready'
      readonly target: {
        readonly clusterName: string
        readonly clusterArn: string
        readonly clusterState: string
        readonly clusterVersion: EksCluster['version']
        readonly authenticationMode: EksCluster['authenticationMode']
        readonly listedGroups: readonly ListedGroup[] | undefined
        readonly prices: NonNullable<Frozen<TargetCluster>['spec']['prices']>
        readonly windows: NonNullable<Frozen<TargetCluster>['spec']['windows']>
        readonly timeZone: string
        readonly aws: TargetAws
        readonly nodes: Omit<NodeCache, 'list' | 'gpusRequested' | 'hasSynced' | 'feeds'> & NodeReads & { outsideGroups(): readonly Node[] }
        readonly drain: TargetDrain
        readonly autoscaler: TargetConnection['autoscaler']
      }
    }
  | {
      readonly state: 'gone'
      readonly reason: 'TargetGone' | 'TargetReplaced'
      readonly message: string
      readonly clusterArn: string | undefined
      /** Where only the way to Kubernetes is gone: whom to ask what is left in EKS. Absent: nothing is. */
      readonly eks: { readonly clusterName: string; readonly aws: TargetAws } | undefined
    }
  | { readonly state: 'missing' | 'connecting' | 'notReady' | 'refused' | 'unreachable'; readonly reason: string; readonly message: string }

/** What is asked of the API server itself. */
interface NodeReads {
  namesInGroup(groupName: string, options: { readonly signal: AbortSignal }): Promise<readonly string[]>
  podsInTheWay(nodeName: string, options: { readonly signal: AbortSignal }): Promise<readonly string[]>
}

interface Reads {
  readonly target: (name: string) => Frozen<TargetCluster> | undefined
  readonly namespaceLabels: (name: string) => Readonly<Record<string, string>>
  readonly now: () => Date
}

/** The targets as they are known now; the controller of TargetCluster fills it, the controllers of groups ask it. */
export class Targets {
  readonly #facts = new Map<string, { readonly uid: string; readonly facts: TargetFacts }>()
  readonly #reads: Reads

  constructor(reads: Reads) {
    this.#reads = reads
  }

  /** The mutable facts of the target with this UID. Another object under the name starts with none. */
  facts(name: string, uid: string): TargetFacts {
    const known = this.#facts.get(name)
    if (known?.uid === uid) return known.facts
    const facts = {}
    this.#facts.set(name, { uid, facts })
    return facts
  }

  /** Whether this very object is still there. */
  has(name: string, uid: string): boolean {
    return this.#reads.target(name)?.metadata.uid === uid
  }

  /** What is known of another object under the name stays. */
  forget(name: string, uid: string): void {
    if (this.#facts.get(name)?.uid === uid) this.#facts.delete(name)
  }

  /**
   * How a target stands for an object in `namespace` that wants to pass `roleArn`, or for one that only removes what it made. What is allowed
   * says who may begin something: to clean up is never refused, or a permission that was taken back would leave nodes running that nobody can remove.
   */
  find(name: string, use: { readonly namespace: string; readonly roleArn: string | undefined } | 'CleanUp'): Found {
    const object = this.#reads.target(name)
    if (object === undefined)
      return { state: 'missing', reason: 'ReferenceNotFound', message: `there is no TargetCluster ${name}: create it, or make an object that names another` }
    const refusal = use === 'CleanUp' ? undefined : refuseUse(name, object.spec.allow, { ...use, namespaceLabels: this.#reads.namespaceLabels(use.namespace) })
    if (refusal !== undefined) return { state: 'refused', ...refusal }
    const clusterName = object.spec.eksClusterName
    if (clusterName === undefined)
      return { state: 'refused', reason: 'NoEksCluster', message: `TargetCluster ${name} names no EKS cluster: an administrator sets spec.eksClusterName` }
    const facts = this.facts(name, object.metadata.uid)
    const gone = goneOf(name, clusterName, facts)
    if (gone !== undefined) return gone
    const { unreachable } = facts
    if (unreachable !== undefined && this.#reads.now().getTime() - unreachable.since.getTime() >= unreachableAfterMs)
      return {
        state: 'unreachable',
        reason: 'ClusterUnreachable',
        message: `the API server of TargetCluster ${name} ${unreachable.what}: look at kubectl describe targetcluster ${name}`,
      }
    // Of a CRD that was not upgraded an object has no budget. Here, since whoever drains has asked for the target in the same pass.
    facts.connection?.drain.setBudget({ ...defaultDrainBudget, ...object.spec.budget })
    const whyNot = whyNotReady(object)
    const state = whyNot === undefined && facts.blocked !== true ? 'connecting' : 'notReady'
    const message = `TargetCluster ${name}: ${whyNot ?? 'being connected'}`
    return ready(clusterName, object.spec, { facts, now: this.#reads.now }) ?? { state, reason: 'TargetNotReady', message }
  }
}

function ready(
  clusterName: string,
  { prices = [], windows = [], timeZone }: Frozen<TargetCluster>['spec'],
  { facts, now }: { readonly facts: TargetFacts; readonly now: Reads['now'] },
): Found | undefined {
  const { connection, aws, clusterArn, clusterState, clusterVersion, authenticationMode, groups, blocked } = facts
  if (connection === undefined || aws === undefined || clusterArn === undefined || clusterState === undefined || blocked === true || isOtherCluster(facts))
    return undefined
  if (unseen(connection.nodes).length > 0 || !connection.lease.isHeld()) return undefined
  const { client, nodes, drain, autoscaler } = connection
  return {
    state: 'ready',
    target: {
      clusterName,
      clusterArn,
      clusterState,
      clusterVersion,
      authenticationMode,
      listedGroups: groups,
      prices,
      windows,
      timeZone,
      aws,
      drain,
      autoscaler,
      nodes: {
        byName: (name) => nodes.byName(name),
        byInstance: (instanceId) => nodes.byInstance(instanceId),
        inGroup: (groupName) => nodes.inGroup(groupName),
        outsideGroups: () => nodes.list().filter(({ metadata }) => metadata.labels?.[groupLabel] === undefined),
        podsOn: (nodeName) => nodes.podsOn(nodeName),
        namesInGroup: async (groupName, options) => await namesInGroup(client, groupName, options),
        podsInTheWay: async (nodeName, options) => await podsInTheWay(client, nodeName, { ...options, now: now() }),
      },
    },
  }
}

/** Where no Node can be looked at ever again: what was marked or waited for in Kubernetes counts as removed (kinds.md, "Unreachable or gone"). */
function goneOf(name: string, clusterName: string, { gone, replaced, aws, clusterArn, clusterState }: TargetFacts): Found | undefined {
  if (gone !== undefined) return { state: 'gone', reason: 'TargetGone', message: `TargetCluster ${name}: ${gone}`, clusterArn, eks: undefined }
  // That EKS has no such group means something only where it shows the groups' own cluster.
  if (replaced === undefined || aws === undefined || clusterState === undefined) return undefined
  return { state: 'gone', reason: 'TargetReplaced', message: `TargetCluster ${name}: ${replaced}`, clusterArn, eks: { clusterName, aws } }
}

/** The target's own words for why it is not Ready; `undefined` when it was, as far as its status knows. */
function whyNotReady({ status }: Frozen<TargetCluster>): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  return condition?.status === 'True' ? undefined : (condition?.message ?? 'being connected')
}
