import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { suspendedInWords } from '../suspended-process.ts'
import { isCounted } from './member.ts'

/**
 * AWS took a call whose answer we did not get, and has not ended anybody for it yet: the number is below what runs. A second call would lower it again, and
 * AWS would end another node for that, whatever runs there. In words; `undefined` where nobody is to be ended any more. Pure.
 */
export function stillOwed(scalingGroup: ScalingGroup): string | undefined {
  const { instances, desiredCapacity } = scalingGroup
  const running = instances.filter(isCounted).length
  if (running <= desiredCapacity) return undefined
  const owed = `AWS was asked to end it, and of ${running} instances has still to end some for its number of ${desiredCapacity}: waits until it has`
  const suspended = suspendedInWords(scalingGroup, 'Terminate')
  if (suspended !== undefined) return `${owed}; ${suspended}`
  return `${owed}; if it does not, look there for scale-in protection, or raise the Auto Scaling group's own number to ${running}`
}
