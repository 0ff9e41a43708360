import { rfc3339 } from '../../../runtime/conditions.ts'
import { isIntendedInVain, mayBeSent, memberOf, runsOn } from './asked.ts'
import { type Member, hasLeft, isDetaching, isLeaving } from './member.ts'
import { type Removal, type RemovalWorld, refusedAs } from './removal.ts'
import { isOverdue, stuckInWords } from './stuck.ts'

/** An entry with the state that the world gives it. */
export function judged(before: Removal, world: RemovalWorld): Removal {
  const member = memberOf(before, world)
  const found = withNode(before, member)
  if (hasGone(found, world)) return { ...without(found), state: 'Gone', message: '' }
  if (member === undefined || hasLeft(member)) return outOfGroup(found, world)
  const { outSince: _, ...entry } = found
  if (isDetaching(member) && !mayBeSent(entry, world)) return notOurs(entry)
  if (isLeaving(member)) return { ...entry, state: 'Removing', message: `AWS ends instance ${entry.instanceId}` }
  const another = isAnotherNode(entry, member, world)
  if (entry.state === 'Gone' && !another) return { ...without(entry), state: 'Accepted', message: '' }
  if (entry.state !== 'Refused')
    return another
      ? refusedAs(entry, `node ${entry.nodeName} is not, or no longer, the Node of instance ${entry.instanceId}: take it out of scaling.removals`)
      : entry
  if (another) return entry
  const failed = entry.drain?.step === 'Failed'
  return failed && (entry.retry ?? '') === (world.retry ?? '') ? entry : { ...without(entry), state: 'Accepted', message: '' }
}

/** Of one whose instance the group does not have any more, while Kubernetes has its Node. */
function outOfGroup({ call, ...before }: Removal, world: RemovalWorld): Removal {
  const { now, isReady } = world
  const entry: Removal = {
    ...before,
    ...(before.outSince === undefined ? { outSince: rfc3339(now) } : {}),
    ...(call === undefined || isIntendedInVain({ ...before, call }, world) ? {} : { call }),
  }
  const waits = `instance ${entry.instanceId} is not in the Auto Scaling group any more: waits until Kubernetes has removed its Node`
  if (runsOn(entry, world)) return notOurs(entry)
  const isStuck = isOverdue(entry, now) && !isReady(entry.nodeName ?? '')
  return { ...entry, state: 'Removing', message: isStuck ? stuckInWords(entry) : waits }
}

/** An instance that joined after it was chosen is drained like any other. */
function withNode(entry: Removal, member: Member | undefined): Removal {
  if (entry.nodeUID !== undefined || member?.node === undefined || entry.state === 'Removing') return entry
  return { ...entry, nodeUID: member.node.uid, nodeName: member.node.name }
}

/** The node that would be drained is not the machine that would be ended. */
function isAnotherNode({ nodeUID, nodeName = '', state }: Removal, { node }: Member, { uidOf }: RemovalWorld): boolean {
  if (state === 'Removing' || nodeUID === undefined) return false
  return node === undefined ? uidOf(nodeName) === nodeUID : node.uid !== nodeUID
}

/** Without what was known of its drain and its call. */
function without(entry: Removal): Removal {
  const { drain: _, call: _call, retry: _retry, outSince: _outSince, ...rest } = entry
  return rest
}

/** Its mark comes off. A drain that failed says nothing of a machine that is not ours. */
export function notOurs(entry: Removal): Removal {
  const rest = entry.drain?.step === 'Failed' ? without(entry) : entry
  return refusedAs(rest, `node ${entry.nodeName} (${entry.instanceId}) is no instance of this node group: take it out of scaling.removals`)
}

/** The instance is not there any more, and Kubernetes has forgotten its Node. */
export function hasGone(one: Removal, { members, uidOf }: Pick<RemovalWorld, 'members' | 'uidOf'>): boolean {
  return hasLeft(memberOf(one, { members })) && (one.nodeName === undefined || uidOf(one.nodeName) !== one.nodeUID)
}
