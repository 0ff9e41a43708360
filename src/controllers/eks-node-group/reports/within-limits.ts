import type { Report } from '../pass.ts'
import { planSize } from '../sizing.ts'
import { pending } from './pending.ts'

/** Condition `WithinLimits`: the number that is wanted, and the one in AWS, lie within the spec's bounds. */
export const withinLimits: Report = ({ draft, spec, seen }) => {
  const { scalingGroup } = seen
  const { conditions, status } = draft
  if (scalingGroup === undefined) {
    // One that does not show for a moment is as it was.
    if ((seen.group?.autoScalingGroups.length ?? 0) > 0) return
    delete status.scaling
    return pending({ draft, seen }, 'WithinLimits')
  }
  const { minSize: least, maxSize: most, desiredSize: wanted, sizeOwner } = spec.scaling
  const { minSize, maxSize, desiredCapacity } = scalingGroup
  status.scaling = { minSize, maxSize, desiredSize: desiredCapacity, desiredSizeOwner: sizeOwner }
  // EKS adds nodes while it updates, and takes them again (EKS user guide, "Understand each phase of node updates").
  const there = seen.group?.state === 'Updating' ? Math.min(desiredCapacity, most) : desiredCapacity
  // Under `External` the spec's own number is ignored, whatever it says from before.
  const number = (sizeOwner === 'External' ? undefined : wanted) ?? there
  if (there > most || number > most) {
    const { keep } = planSize(spec.scaling, scalingGroup)
    // The number rules as well: with a higher maximum alone the same nodes leave.
    const bounds = number < there ? `maxSize and then desiredSize to ${there}` : 'maxSize'
    const end = spec.scaleDown.drain === 'None' ? 'ended by name, without a drain' : 'drained and ended by name'
    const running = there > most ? [`${there} are there, maxSize is ${most}: those above ${keep} are ${end}; to keep them, raise ${bounds}`] : []
    const asked = number > most && number !== there ? [`desiredSize is ${number}, maxSize is ${most}, which rules: change one of the two`] : []
    conditions.setFalse('WithinLimits', 'AboveMaximum', [...running, ...asked].join('; '))
  } else if (number < least)
    conditions.setFalse('WithinLimits', 'BelowMinimum', `the number wanted is ${number}, minSize is ${least}, which rules: change one of the two`)
  else conditions.setTrue('WithinLimits', 'InsideLimits')
}
