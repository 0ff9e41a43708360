import { isAwsError } from '../../aws/aws-error.ts'
import type { EksNodeGroupOperation } from '../../crds/eks-node-group.ts'
import { stableHash } from '../../lib/hash.ts'
import { rfc3339 } from '../../runtime/conditions.ts'
import { type FinalizeResult, checkpoint, finalized, requeueAfter } from '../../runtime/reconciler.ts'
import { markOf } from './mark.ts'
import { ageMs, conclude, intend, isIntended, pollDelayMs, restMs } from './operation.ts'
import { decideOwnership, ownerTags } from './ownership.ts'
import type { GroupDraft, Pass } from './pass.ts'
import { refuse } from './refusal.ts'
import { healthy } from './reports/healthy.ts'
import { provisioned } from './reports/provisioned.ts'
import { abandonAnnotation } from './ways-out.ts'

const confirmAnnotation = 'tidegate.io/confirm-deletion'

/** The annotation, and nodes that go, wake the object; this is for what nobody tells. */
const confirmationMs = 600_000

/** A call of a process that died can still arrive this long afterwards: the SDK gives a request 15 s. */
const lostCallMs = 20_000

/** Why an object may go without a word to AWS; `undefined` when AWS has to be asked. Works also while AWS and the cluster are unreachable. */
export function releasedUnasked({ object, status }: Pick<GroupDraft, 'object' | 'status'>): string | undefined {
  const { policy } = object.spec
  const left = status.arn ?? 'nothing that we know of'
  if (object.metadata.annotations?.[abandonAnnotation] === object.metadata.uid) return `abandoned: ${left} is left as it is`
  if (policy.management === 'Observe') return 'it was only observed'
  if (policy.deletion === 'Retain') return `retained: ${left} stays in AWS`
  if (status.ownership?.origin === 'Adopted' && policy.deletion !== 'Delete') return `adopted, therefore retained: ${left} stays in AWS`
  if (status.arn === undefined && status.operation === undefined) return 'nothing was made'
  return undefined
}

/** Deletes what we made, and ends when EKS no longer knows it (P6). */
export async function finalizeGroup(pass: Pass): Promise<FinalizeResult> {
  const { draft, seen, surroundings, name, context } = pass
  const { object, status, conditions } = draft
  const { group } = seen
  const now = surroundings.now()
  if (group === undefined) {
    // A create that was asked for a moment ago may still arrive. It may be much younger than its intent, but not than the wish to delete.
    const deletedMs = now.getTime() - Date.parse(object.metadata.deletionTimestamp ?? rfc3339(now))
    if (status.operation?.kind === 'Create' && Math.min(deletedMs, ageMs(status.operation, now)) < lostCallMs) return requeueAfter(2_000)
    return finalized
  }
  const ownership = decideOwnership({ name, mark: markOf(object, surroundings), tags: group.tags, adoption: 'CreateOnly', takeOver: undefined })
  if (ownership.kind !== 'ours') {
    context.event({ type: 'Warning', reason: 'NotOurs', action: 'Delete', note: `node group ${name} does not carry our mark and stays` })
    return finalized
  }
  for (const report of [provisioned, healthy]) report(pass)
  if (group.state === 'Creating' || group.state === 'Updating' || group.state === 'Deleting') {
    conditions.reconciling(group.state, `node group ${name} is ${group.state} in EKS`)
    return requeueAfter(pollDelayMs(status.operation === undefined ? 10_000 : ageMs(status.operation, now)))
  }
  return (await hold(pass)) ?? (await deleteGroup(pass))
}

/** What keeps the nodes from going: a person has not confirmed it, or somebody's pods still run there. */
async function hold(pass: Pass): Promise<FinalizeResult | undefined> {
  const { draft, seen } = pass
  const count = countOf(seen)
  if (needsConfirmation(pass)) {
    draft.conditions.reconciling('WaitingForConfirmation', askForConfirmation(pass, count))
    return requeueAfter(confirmationMs)
  }
  const inTheWay = await podsInTheWay(pass)
  if (inTheWay === undefined) return undefined
  draft.conditions.reconciling('NodesStillRunning', inTheWay)
  return requeueAfter(15_000)
}

function needsConfirmation({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { annotations, uid } = draft.object.metadata
  return countOf(seen) !== 0 && annotations?.[confirmAnnotation] !== uid
}

/**
 * Whether a deletion that waited for a person's word before still does, as far as answers tell that may be minutes old. Whatever else they say has
 * to be seen afresh before anything follows from it.
 */
export function stillUnconfirmed({ draft, seen }: Pick<Pass, 'draft' | 'seen'>): boolean {
  const { group } = seen
  if (group?.state !== 'Active' && group?.state !== 'Degraded') return false
  return group.tags[ownerTags.uid] === draft.object.metadata.uid && needsConfirmation({ draft, seen })
}

/** How many nodes would go; `undefined` while the Auto Scaling group that EKS names does not show, which says nothing about its instances. */
function countOf({ group, scalingGroup, nodes }: Pass['seen']): number | undefined {
  if (scalingGroup === undefined && group !== undefined && group.state !== 'CreateFailed' && group.autoScalingGroups.length > 0) return undefined
  return Math.max(nodes.running, scalingGroup?.desiredCapacity ?? 0)
}

/** How old the intent must be before a deletion that failed is asked for again: its cause rarely goes by itself. */
function repeatDelayMs({ attempt }: EksNodeGroupOperation): number {
  return Math.min(600_000, 15_000 * 2 ** attempt)
}

async function deleteGroup({ draft, target, seen, surroundings, name, context }: Pass): Promise<FinalizeResult> {
  const { status, conditions } = draft
  const now = surroundings.now()
  conditions.reconciling('Deleting', `asking EKS to delete node group ${name}`)
  const paramsHash = stableHash({ arn: seen.group?.arn })
  if (!isIntended(status.operation, 'Delete', paramsHash, now)) {
    conclude(status, 'Superseded', now)
    status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now })
    return checkpoint
  }
  const { operation } = status
  const failed = seen.group?.state === 'DeleteFailed'
  if (failed && ageMs(operation, now) < repeatDelayMs(operation)) {
    conditions.reconciling('Deleting', `EKS could not delete node group ${name}; it is asked again with growing delays`)
    return requeueAfter(Math.min(restMs, repeatDelayMs(operation) - ageMs(operation, now)))
  }
  try {
    await target.aws.nodeGroups.delete(target.clusterName, name, { signal: context.signal })
    if (failed) status.operation = intend('Delete', paramsHash, { token: surroundings.newToken(), now, before: operation })
  } catch (error) {
    if (isAwsError(error, 'NotFound')) return requeueAfter(1_000)
    return refuse(draft, error)
  }
  context.event({ type: 'Normal', reason: 'Deleting', action: 'Delete', note: `asked EKS to delete node group ${name}` })
  return requeueAfter(2_000)
}

function askForConfirmation({ draft, name }: Pass, count: number | undefined): string {
  const { name: object, namespace = 'default', uid } = draft.object.metadata
  const annotate = `kubectl annotate eksnodegroup ${object} -n ${namespace} ${confirmAnnotation}=${uid}`
  return `${count ?? 'An unknown number of'} nodes of ${name} would go. To confirm: ${annotate}; to keep them, set spec.policy.deletion to Retain`
}

/** Last look, from the API server: a node with a workload is not handed to EKS, whose own eviction ends after 15 min whatever a budget says. */
async function podsInTheWay({ target, context, name: group }: Pass): Promise<string | undefined> {
  const { signal } = context
  for (const name of await target.nodes.namesInGroup(group, { signal })) {
    const [first, ...others] = await target.nodes.podsInTheWay(name, { signal })
    if (first !== undefined)
      return `${name} still runs ${first}${others.length > 0 ? ` and ${others.length} more` : ''}: kubectl drain ${name} --ignore-daemonsets; removal with drain is not in this version`
  }
  return undefined
}
