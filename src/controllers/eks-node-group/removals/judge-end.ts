import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { lostCallMs } from '../operation.ts'
import type { Pass } from '../pass.ts'
import { lockedInWords } from './held.ts'
import { isCounted, takesTermination } from './member.ts'
import { stillOwed } from './owed.ts'
import { planRemovals } from './plan.ts'
import type { Removal } from './removal.ts'
import { worldOf } from './world.ts'

/** Why AWS is not asked to end an instance now, in words: `Wait` with what is intended, or `Anew`, where it is to be judged whether it leaves at all. */
export interface Hindrance {
  readonly kind: 'Wait' | 'Anew'
  readonly message: string
}

/**
 * Whether AWS may be asked to end this instance, from what AWS says right before the call. `decrement`: the group's number counts it; lowered for one
 * that is not counted, as in standby, AWS would end another one. So it would where more run than it wants already, as while it evens zones or replaces a Spot
 * instance, for which it launches first: there the one that was emptied goes for one of those, and the number stays. It stays as well where that hangs on
 * another call whose answer nobody read, once that has shown nothing in time: at worst AWS launches one, which is taken back. Pure.
 */
export function judgeEnd(
  pass: Parameters<typeof worldOf>[0],
  one: Removal,
  now: ScalingGroup | undefined,
): { readonly kind: 'End'; readonly decrement: boolean } | Hindrance {
  if (now === undefined) return { kind: 'Wait', message: 'the Auto Scaling group does not show' }
  const locked = lockedInWords(now)
  if (locked !== undefined) return { kind: 'Wait', message: locked }
  const member = now.instances.find(({ instanceId }) => instanceId === one.instanceId)
  if (member === undefined || !takesTermination(member)) return { kind: 'Wait', message: `waits for AWS: the instance is ${member?.lifecycleState ?? 'gone'}` }
  // AWS may have shown it only after the call was intended anew. Before the question whether it leaves, to which a number that our own call lowered says no.
  const owed = pass.once.wasLost(one.instanceId) ? stillOwed(now) : undefined
  if (owed !== undefined) return { kind: 'Wait', message: owed }
  if (!stillLeaves(pass, one, now)) return { kind: 'Anew', message: 'it is judged anew whether it has to leave: AWS has another number by now' }
  const { desiredCapacity, minSize } = now
  const { least, most, unclear } = surplusOf(pass, one, now)
  if (isCounted(member) && least <= 0 && most > 0) {
    const onItsWay = unclear.find(({ token }) => pass.once.silentMs(token, pass.surroundings.now()) < lostCallMs)
    if (onItsWay !== undefined)
      return { kind: 'Wait', message: `waits until it shows, within 20 s, whether AWS ends ${onItsWay.instanceId}: its answer was lost` }
  }
  const decrement = isCounted(member) && most <= 0
  // Somebody raised the minimum meanwhile: AWS would say no, and nobody could take the node back.
  if (decrement && desiredCapacity <= minSize)
    return { kind: 'Anew', message: `waits until the Auto Scaling group's minimum (${minSize}) is below its number (${desiredCapacity})` }
  return { kind: 'End', decrement }
}

/** A call for another one that AWS counts, of which nobody knows whether it was taken. */
interface Unclear {
  readonly instanceId: string
  readonly token: string
}

/**
 * How many more than its number AWS has, beside those that it was asked to end and may show for a while: the number it shows is lower for them by then. From
 * `least`, if it took all the calls whose answer nobody read, to `most`, if it took none of them.
 */
function surplusOf({ draft, once }: Pick<Pass, 'draft' | 'once'>, one: Removal, { instances, desiredCapacity }: ScalingGroup) {
  const counted = new Set(instances.flatMap((each) => (isCounted(each) ? [each.instanceId] : [])))
  const asked = (draft.status.removals ?? []).flatMap(({ instanceId, call }): readonly Unclear[] =>
    call === undefined || instanceId === one.instanceId || !counted.has(instanceId) || once.cannotHaveActed(call.token)
      ? []
      : [{ instanceId, token: call.token }],
  )
  const unclear = asked.filter(({ token }) => once.isUnclear(token))
  const least = counted.size - asked.length - desiredCapacity
  return { least, most: least + unclear.length, unclear }
}

/**
 * The same question as at the beginning of the pass, with the number that AWS has right before the call. Somebody may have lowered it elsewhere, so that
 * one node too many would go.
 */
function stillLeaves(pass: Parameters<typeof worldOf>[0], { instanceId, orderUID }: Removal, now: ScalingGroup): boolean {
  const { removals } = planRemovals(worldOf(pass, now))
  return removals.some((one) => one.instanceId === instanceId && one.orderUID === orderUID && one.state === 'Removing')
}
