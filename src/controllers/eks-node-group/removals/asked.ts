import { type Member, isCounted, isDetaching, isLeaving } from './member.ts'
import type { AskedWorld, Removal } from './removal.ts'
import { isOverdue } from './stuck.ts'

/** From here on a removal is finished, whatever the spec says: AWS ends the instance, or may have been asked to. */
export function wasAskedFor(one: Removal, world: AskedWorld): boolean {
  if (one.state === 'Gone') return false
  const member = memberOf(one, world)
  // One that an order named and that was refused may never have been an instance of this group.
  if (member === undefined) return (one.state !== 'Refused' || one.orderUID === undefined) && !runsOn(one, world)
  return mayBeSent(one, world) || (isLeaving(member) && !isDetaching(member))
}

/**
 * Handed over, and its call may have left: until then people can take it back. Where one that was lost may have been taken after all, the new one counts as
 * sent: AWS would end the node with the pods that came back.
 */
export function mayBeSent({ instanceId, state, call }: Removal, { cannotHaveActed, isOwed }: Pick<AskedWorld, 'cannotHaveActed' | 'isOwed'>): boolean {
  return state === 'Removing' && call !== undefined && (!cannotHaveActed(call.token) || isOwed(instanceId))
}

/** Written down to be ended, while nothing has happened to the instance. */
export function isOnlyIntended(one: Removal, world: AskedWorld): boolean {
  const member = memberOf(one, world)
  return one.state === 'Removing' && member !== undefined && !isLeaving(member) && !mayBeSent(one, world)
}

/** A machine that has ended is not Ready for long: this one was taken out of the group, and its pods run on. */
export function runsOn(one: Removal, world: AskedWorld): boolean {
  const { now, uidOf, isReady } = world
  if (one.nodeName === undefined || !isOverdue(one, now)) return false
  return memberOf(one, world) === undefined && uidOf(one.nodeName) === one.nodeUID && isReady(one.nodeName)
}

/** Somebody else was first: the call that was intended is never made. */
export function isIntendedInVain(one: Removal, world: AskedWorld): boolean {
  return one.call !== undefined && memberOf(one, world) === undefined && !mayBeSent(one, world)
}

/** As AWS shows it now; `undefined` when the group does not have the instance. */
export function memberOf({ instanceId }: Removal, { members }: Pick<AskedWorld, 'members'>): Member | undefined {
  return members.find((member) => member.instanceId === instanceId)
}

/** The instance counts in the group's desired number, and will be taken off it by our call. */
export function isPending(one: Removal, members: readonly Member[]): boolean {
  if (one.state === 'Gone' || one.state === 'Refused') return false
  const member = memberOf(one, { members })
  return member !== undefined && isCounted(member)
}
