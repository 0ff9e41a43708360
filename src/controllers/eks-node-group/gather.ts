import type { ScalingActivity, ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { Node } from '../../kube/objects.ts'
import type { Seen, SeenNodes } from './pass.ts'
import type { GroupTarget } from './ports.ts'
import { isLeaving, isWarm } from './removals/member.ts'

interface GatherOptions {
  readonly signal: AbortSignal
  /** Ask AWS now, whatever the caches say: before every write, and while something moves. */
  readonly fresh: boolean
  /** A Node told of a change a moment ago: what the shared read says from before is not believed. Default false. */
  readonly countsFresh?: boolean
  readonly now: () => Date
}

/** Configuration is looked at every 10 min (aws-rules A5). */
const configAgeMs = 600_000

/** Counts come from the shared sweep (counts-sweep.ts), which renews them before they are this old; a pass asks by itself only when that fails. */
const countsAgeMs = 45_000

/** Nodes come in bursts: those of two seconds share one read. */
const burstMs = 2_000

/** A Node takes as long to be Ready at most: the network plugin starts, and what it waits for is pulled. One that takes longer has a problem. */
const startLimitMs = 5 * 60_000

/** A shortage can last for days, and AWS says the same of it each time. */
const attemptsAgeMs = 600_000

/** Asks the cloud and the cluster everything that a pass decides on. */
export async function gather(target: GroupTarget, name: string, options: GatherOptions): Promise<Seen> {
  const { signal, fresh } = options
  const group = await target.aws.nodeGroups.describe(target.clusterName, name, { signal, maxAgeMs: fresh ? 0 : configAgeMs })
  const counts = await countsOf(target, group, options)
  return { group, ...counts, nodes: await gatherNodes(target, counts.scalingGroup, options) }
}

async function countsOf(
  target: GroupTarget,
  group: NodeGroup | undefined,
  { signal, fresh, countsFresh = false, now }: GatherOptions,
): Promise<Pick<Seen, 'scalingGroup' | 'countsAt'>> {
  const name = group?.autoScalingGroups[0]
  if (name === undefined) return { scalingGroup: undefined }
  const { scalingGroups } = target.aws
  if (!fresh) {
    const swept = await scalingGroups.ofCluster(target.clusterName, { signal, maxAgeMs: countsFresh ? burstMs : countsAgeMs })
    const known = swept.find((candidate) => candidate.name === name)
    if (known !== undefined) return { scalingGroup: known }
  }
  const [found] = await scalingGroups.describe([name], { signal })
  // When it was answered and not when it was asked for: a call may wait long for its turn before it is made.
  return { scalingGroup: found, countsAt: now() }
}

/** The instances of a group that are not on their way out, and not kept warm for later. */
export function staying({ instances }: Pick<ScalingGroup, 'instances'>): ScalingGroup['instances'] {
  return instances.filter((one) => !isLeaving(one) && !isWarm(one))
}

async function gatherNodes(target: GroupTarget, scalingGroup: ScalingGroup | undefined, { signal, fresh, now }: GatherOptions): Promise<SeenNodes> {
  const there = staying(scalingGroup ?? { instances: [] })
  const found = there.map(({ instanceId }) => ({ instanceId, node: target.nodes.byInstance(instanceId) }))
  const joined = found.flatMap(({ node }) => (node === undefined ? [] : [node]))
  const notReady = joined.flatMap((node) => unreadiness(node, now()) ?? [])
  const short = scalingGroup !== undefined && there.length < scalingGroup.desiredCapacity
  const activities = short ? await target.aws.scalingGroups.activities(scalingGroup.name, { signal, maxAgeMs: fresh ? 0 : attemptsAgeMs }) : []
  return {
    running: there.length,
    warm: (scalingGroup?.instances ?? []).filter(isWarm).length,
    joined: joined.length,
    ready: joined.length - notReady.length,
    zones: countByZone(there.map(({ zone }) => zone)),
    notJoined: found.flatMap(({ instanceId, node }) => (node === undefined ? [instanceId] : [])).toSorted(),
    // AWS promises no order, and the first is named in a condition.
    notReady: notReady.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    launchFailure: launchFailureOf(activities),
  }
}

/**
 * What AWS said about the newest launch, if it failed: its status is `Failed` or `Cancelled` then, with the cause in its message (API Reference,
 * DescribeScalingActivities). One that is under way says nothing yet: AWS begins a new attempt after each that failed. That an instance ended or went to standby tells nothing.
 */
function launchFailureOf(activities: readonly ScalingActivity[]): string | undefined {
  const ended = ({ statusCode }: ScalingActivity): boolean => statusCode === 'Successful' || failed.has(statusCode)
  const newest = activities.find((one) => one.isLaunch && ended(one))
  return newest === undefined || !failed.has(newest.statusCode) || newest.statusMessage === '' ? undefined : newest.statusMessage
}

const failed: ReadonlySet<string> = new Set(['Failed', 'Cancelled'])

/** Why a Node is not Ready, in the kubelet's word; `undefined` when it is. Where nothing is heard of the kubelet (`Unknown`), nothing starts. */
function unreadiness({ metadata: { name, creationTimestamp }, status }: Node, now: Date): SeenNodes['notReady'][number] | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') return undefined
  const isNew = creationTimestamp !== undefined && now.getTime() - Date.parse(creationTimestamp) < startLimitMs
  const starts = isNew && ready?.status !== 'Unknown'
  return { name, reason: ready?.reason ?? 'no Ready condition yet', ...(starts ? { starts } : {}) }
}

function countByZone(zones: readonly string[]): SeenNodes['zones'] {
  return [...new Set(zones)].toSorted().map((name) => ({ name, running: zones.filter((zone) => zone === name).length }))
}
