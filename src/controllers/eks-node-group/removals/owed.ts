import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { isCounted } from './member.ts'

/**
 * AWS took a call whose answer we did not get, and has not ended anybody for it yet: the number is below what runs. A second call would lower it again, and
 * AWS would end another node for that, whatever runs there. In words; `undefined` where nobody is to be ended any more. Pure.
 */
export function stillOwed({ instances, desiredCapacity }: ScalingGroup): string | undefined {
  const running = instances.filter(isCounted).length
  if (running <= desiredCapacity) return undefined
  return `AWS was asked to end it, and of ${running} instances has still to end some for its number of ${desiredCapacity}: waits until it has; if it does not, look there for scale-in protection and a suspended Terminate process, or raise the Auto Scaling group's own number to ${running}`
}
