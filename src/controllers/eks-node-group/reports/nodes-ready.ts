import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { launchFailure } from '../../../aws/launch-failures.ts'
import { firstNames } from '../../../lib/first-names.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import type { Pass, Report, SeenNodes } from '../pass.ts'
import { planSize } from '../sizing.ts'
import { suspendedInWords } from '../suspended-process.ts'
import { pending } from './pending.ts'

/** An instance that has run this long without a Node will hardly join any more (aws-rules B2). */
const joinLimitMs = 15 * 60_000

/** Condition `NodesReady`: every instance that is wanted runs, has joined, and is Ready. */
export const nodesReady: Report = (pass) => {
  const { draft, seen, surroundings } = pass
  const { nodes, scalingGroup } = seen
  const { conditions, status } = draft
  const now = surroundings.now()
  if (scalingGroup === undefined) {
    if ((seen.group?.autoScalingGroups.length ?? 0) > 0) return
    delete status.nodes
    delete status.zones
    return pending(pass, 'NodesReady')
  }
  const desired = wantedSize(pass, scalingGroup)
  const without = missingNodes(status.nodes?.missing ?? [], nodes.notJoined, now)
  const { running, joined, ready, warm } = nodes
  status.nodes = {
    running,
    joined,
    ready,
    summary: `${ready}/${desired}`,
    ...(warm === 0 ? {} : { warm }),
    ...(without.length === 0 ? {} : { missing: without }),
  }
  status.zones = nodes.zones.map((zone) => ({ ...zone }))
  const overdue = without.flatMap(({ instanceId, since }) => (now.getTime() - Date.parse(since) > joinLimitMs ? [instanceId] : []))
  const wait = missing(nodes, desired, { overdue, suspended: suspendedInWords(scalingGroup, 'Launch') })
  if (wait !== undefined) conditions.setFalse('NodesReady', wait.reason, wait.message)
  else conditions.setTrue('NodesReady', desired === 0 ? 'ScaledToZero' : 'AllReady')
}

/** What the spec leads to, not what AWS has been asked for so far: a group that was just made with 0 nodes is not Ready. */
function wantedSize({ spec }: Pass, scalingGroup: ScalingGroup): number {
  return spec.policy.management === 'Observe' ? scalingGroup.desiredCapacity : planSize(spec.scaling, scalingGroup).target.desiredSize
}

/** As many as the status holds. */
const mostMissing = 20

type Missing = NonNullable<NonNullable<EksNodeGroupStatus['nodes']>['missing']>

/**
 * Since when each instance has lacked its Node, those that have lacked it longest first. Where more do than are kept, one that gets a place late is
 * counted from then on.
 */
export function missingNodes(before: Missing, notJoined: readonly string[], now: Date): Missing {
  const known = new Map(before.map(({ instanceId, since }) => [instanceId, since]))
  const all = notJoined.map((instanceId) => ({ instanceId, since: known.get(instanceId) ?? rfc3339(now) }))
  const order = ({ since, instanceId }: Missing[number]): string => `${since} ${instanceId}`
  return all.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, mostMissing)
}

type Wait = { readonly reason: string; readonly message: string }

interface Hindrances {
  /** Instances that will hardly join any more. */
  readonly overdue?: readonly string[]
  /** Nothing is launched, since somebody suspended that: in words. */
  readonly suspended?: string | undefined
}

/** The first thing that is missing, most upstream first; `undefined` when nothing is. */
export function missing(nodes: SeenNodes, desired: number, { overdue = [], suspended }: Hindrances): Wait | undefined {
  if (overdue.length > 0)
    return {
      reason: 'NotJoined',
      message: `${firstNames(overdue)} ran for 15 min without joining: look at the console output, the node role's access entry, and the security groups`,
    }
  if (nodes.running < desired) {
    const count = `${nodes.running} of ${desired} instances run`
    const { launchFailure: failure } = nodes
    if (suspended !== undefined)
      return { reason: 'LaunchBlocked', message: `${count}: ${suspended}${failure === undefined ? '' : `. Before, it said: ${failure}`}` }
    return failure === undefined ? { reason: 'WaitingForInstances', message: count } : whyShort(count, failure)
  }
  if (nodes.joined < nodes.running) return { reason: 'WaitingForNodes', message: `${nodes.joined} of ${nodes.running} instances have joined` }
  return notReady(nodes)
}

function notReady({ notReady: all }: Pick<SeenNodes, 'notReady'>): Wait | undefined {
  const broken = all.filter(({ starts }) => starts !== true)
  const [first] = broken.length > 0 ? broken : all
  if (first === undefined) return undefined
  const state = `${first.name} is not Ready (${first.reason})${all.length > 1 ? `, and ${all.length - 1} more` : ''}`
  if (first.starts === true) return { reason: 'NodesStarting', message: `${state}: joined a moment ago, and has 5 min to start` }
  const message = `${state}: look at kubectl describe node ${first.name}; one whose machine is broken is yours to drain and to end`
  return { reason: 'NodeNotReady', message }
}

/** What to do about a shortage of machines, and about words that nobody here knows. */
const shortage: Remedy = {
  reason: 'NoCapacity',
  inWords: 'wait, or offer more instance types or zones in another group; where AWS names something else, mend that',
}

interface Remedy {
  readonly reason: string
  readonly inWords: string
}

/** What is known to have another remedy, by the words of `launchFailure`. `LaunchBlocked`: no waiting mends it. */
const remedies: Readonly<Record<string, Remedy>> = {
  NoFreeAddresses: {
    reason: 'NoFreeAddresses',
    inWords: 'its subnets have no free address (nodes and pods take them): make some free, or make a group with larger subnets',
  },
  QuotaReached: { reason: 'QuotaReached', inWords: 'a quota of the account is used up: ask AWS for a higher one, or remove what is not needed' },
  AccessDenied: {
    reason: 'LaunchBlocked',
    inWords:
      'a right is missing: allow AWSServiceRoleForAutoScaling what AWS names, such as the AMI or the KMS key of the disks, and look for an SCP that denies it',
  },
  LaunchTemplateRefused: {
    reason: 'LaunchBlocked',
    inWords:
      'AWS refuses what instances are launched from: correct what AWS names in a new version of the launch template and set spec.launchTemplate.version, or make another group',
  },
  NotOfferedInZone: {
    reason: 'LaunchBlocked',
    inWords: 'AWS does not offer such an instance in a zone of its subnets: make another group with other types or subnets',
  },
}

/** AWS tries again by itself, whatever it is. */
function whyShort(count: string, failure: string): Wait {
  const { reason, inWords } = remedies[launchFailure(failure)?.reason ?? ''] ?? shortage
  return { reason, message: `${count}: ${inWords}; AWS tries again by itself. It said: ${failure}` }
}
