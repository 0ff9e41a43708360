import type { Report } from '../pass.ts'

/** Condition `WithinLimits`: the number that is wanted, and the one in AWS, lie within the spec's bounds. */
export const withinLimits: Report = ({ draft, spec, seen }) => {
  const { scalingGroup } = seen
  const { conditions, status } = draft
  if (scalingGroup === undefined) return
  const { minSize: least, maxSize: most, desiredSize: wanted, sizeOwner } = spec.scaling
  const { minSize, maxSize, desiredCapacity } = scalingGroup
  status.scaling = { minSize, maxSize, desiredSize: desiredCapacity, desiredSizeOwner: sizeOwner }
  // EKS adds nodes while it updates, and takes them again (EKS user guide, "Understand each phase of node updates").
  const there = seen.group?.state === 'Updating' ? Math.min(desiredCapacity, most) : desiredCapacity
  // Under `External` the spec's own number is ignored, whatever it says from before.
  const number = sizeOwner === 'External' ? there : (wanted ?? there)
  if (there > most || number > most) {
    conditions.setFalse(
      'WithinLimits',
      'AboveMaximum',
      `the number wanted or there is ${Math.max(there, number)}, maxSize is ${most}: lower desiredSize or raise maxSize`,
    )
  } else if (number < least)
    conditions.setFalse('WithinLimits', 'BelowMinimum', `the number wanted is ${number}, minSize is ${least}, which rules: change one of the two`)
  else conditions.setTrue('WithinLimits', 'InsideLimits')
}
