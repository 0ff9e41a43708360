import { cut } from '../lib/cut.ts'
import { Interner } from './intern.ts'
import type { KubeObject, Node, ObjectMeta, OwnerReference } from './objects.ts'
import { type PodSummary, type RawPod, effectiveRequests, isReady, requestsKey, volumesOf } from './pod-summary.ts'

/** What a node can give; other resources are not kept. */
const nodeResources = ['cpu', 'memory', 'pods', 'nvidia.com/gpu'] as const

/** Annotations that somebody here reads: what makes a pod a mirror, and those with which people keep a node or pod from being taken away. */
const keptAnnotations: ReadonlySet<string> = new Set([
  'kubernetes.io/config.mirror',
  'karpenter.sh/do-not-disrupt',
  'cluster-autoscaler.kubernetes.io/safe-to-evict',
  'cluster-autoscaler.kubernetes.io/scale-down-disabled',
])

/**
 * A value may have 256 KiB, and a tenant may give each of its pods another one. What means something is short, and what is cut means what the whole did: it
 * ends with `…`, so that it is neither `true` nor `false`, and a duration no more; `do-not-disrupt` holds the pod with it.
 */
const longestAnnotation = 128
/** Names of objects have 253 characters, kinds 63 (DNS subdomain, DNS label); those in the reference to an owner may have more than a MiB. */
const longestName = 253
/** As a status has it (`returned` of a drain); a server's own have 36 characters, and what a pod says of its owner's nobody checks. */
const longestUid = 64
/** A kind that no server has: what is of it may be a Job, which is the safe meaning. */
const kindOfNone = '…Job'

const strings = new Interner<string>()
const amounts = new Interner<Readonly<Record<string, string>>>()
const controllers = new Interner<NonNullable<PodSummary['owner']>>(16_384)
/** Owners that are no controllers. */
const otherOwners = new Interner<NonNullable<PodSummary['owner']>>()
const requests = new Interner<PodSummary['requests']>()

function intern(text: string): string {
  return strings.get(text, (same) => same)
}

/** Shares equal values. In place: an object straight from the JSON parser is small, one that is built key by key is not (V8 makes it a table). */
function internValues(fields: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(fields)) if (typeof value === 'string') fields[name] = intern(value)
}

function annotationsOf(metadata: ObjectMeta): { readonly annotations?: Readonly<Record<string, string>> } {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([name]) => keptAnnotations.has(name))
  return kept.length === 0 ? {} : { annotations: Object.fromEntries(kept.map(([name, value]) => [name, intern(cut(value, longestAnnotation))])) }
}

function stamps(metadata: ObjectMeta): Pick<ObjectMeta, 'creationTimestamp' | 'deletionTimestamp'> {
  const { creationTimestamp, deletionTimestamp } = metadata
  return {
    ...(typeof creationTimestamp === 'string' ? { creationTimestamp: intern(creationTimestamp) } : {}),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
  }
}

function amountsOf(all: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const kept = nodeResources.filter((name) => all?.[name] !== undefined).map((name) => [name, all?.[name] ?? ''] as const)
  return amounts.get(kept.join('|'), () => Object.freeze(Object.fromEntries(kept)))
}

/**
 * What we keep of a Node: under 4 KB with 30 labels. Of the conditions only `Ready`, without its heartbeat; its message only while it is not
 * True. Takes the labels and taints of `raw` over: give it an object that nobody else has.
 */
export function projectNode(raw: KubeObject): Node {
  const { metadata, spec, status } = raw as Node
  const { labels } = metadata
  if (labels !== undefined) internValues(labels)
  for (const taint of spec?.taints ?? []) internValues(taint as unknown as Record<string, unknown>)
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return {
    metadata: {
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      ...stamps(metadata),
      ...(labels === undefined ? {} : { labels }),
      ...annotationsOf(metadata),
    },
    spec: {
      ...(spec?.providerID === undefined ? {} : { providerID: spec.providerID }),
      ...(spec?.unschedulable === true ? { unschedulable: true } : {}),
      ...(spec?.taints === undefined ? {} : { taints: spec.taints }),
    },
    status: {
      ...(ready === undefined ? {} : { conditions: [readyOf(ready)] }),
      capacity: amountsOf(status?.capacity),
      allocatable: amountsOf(status?.allocatable),
      ...(status?.nodeInfo === undefined ? {} : { nodeInfo: { kubeletVersion: intern(status.nodeInfo.kubeletVersion) } }),
    },
  }
}

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number]

function readyOf({ status, reason, message, lastTransitionTime }: NodeCondition): NodeCondition {
  return {
    type: 'Ready',
    status: intern(status),
    ...(reason === undefined ? {} : { reason: intern(reason) }),
    ...(message === undefined || status === 'True' ? {} : { message: intern(message) }),
    ...(typeof lastTransitionTime === 'string' ? { lastTransitionTime } : {}),
  }
}

/** What we keep of a Pod: under 1 KB. Owners and requests that several pods have are shared. */
export function projectPod(raw: KubeObject): PodSummary {
  const { metadata, spec, status } = raw as RawPod
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true) ?? metadata.ownerReferences?.[0]
  const amount = effectiveRequests(spec)
  const volumes = volumesOf(spec)
  return {
    metadata: {
      ...(metadata.namespace === undefined ? {} : { namespace: intern(metadata.namespace) }),
      name: metadata.name,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      ...stamps(metadata),
      ...annotationsOf(metadata),
    },
    ...(spec?.nodeName === undefined || spec.nodeName === '' ? {} : { nodeName: nodeNames.get(spec.nodeName, (same) => same) }),
    phase: intern(status?.phase ?? 'Pending'),
    ...(owner === undefined ? {} : { owner: ownerOf(owner) }),
    requests: requests.get(requestsKey(amount), () => Object.freeze(amount)),
    priority: spec?.priority ?? 0,
    ready: isReady(status),
    ...(volumes === undefined ? {} : { volumes }),
  }
}

/** The server believes what a pod says of its owner: so the words of one pod never stand for those of another that names the same UID. */
function ownerOf(reference: OwnerReference): NonNullable<PodSummary['owner']> {
  const isController = reference.controller === true
  const kind = reference.kind.length > longestName ? kindOfNone : reference.kind
  const [name, uid] = [cut(reference.name, longestName), cut(reference.uid, longestUid)]
  const make = () => Object.freeze({ kind: intern(kind), name, uid, ...(isController ? {} : { controller: false as const }) })
  const shared = (isController ? controllers : otherOwners).get(uid, make)
  return shared.kind === kind && shared.name === name ? shared : make()
}

/** Apart from other strings: one per node, each wanted by many pods. */
const nodeNames = new Interner<string>(16_384)
