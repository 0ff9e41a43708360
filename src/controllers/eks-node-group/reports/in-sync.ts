import type { NodeGroup } from '../../../aws/eks/port.ts'
import { differences } from '../drift.ts'
import type { Pass, Report } from '../pass.ts'
import { planSize } from '../sizing.ts'

/** Condition `InSync`: what the spec says about configuration and sizes is what AWS has, as far as it can be sent. */
export const inSync: Report = (pass) => {
  const { draft, spec, seen } = pass
  const { conditions, status } = draft
  if (seen.group === undefined) return
  const found = differences(spec, seen.group)
  const [first] = found
  if (first === undefined) delete status.drift
  else status.drift = found
  const sizes = sizesUnderWay(pass, seen.group)
  // What needs a person comes first: the sizes get there by themselves.
  if (first !== undefined) conditions.setFalse('InSync', 'Drifted', `${found.map(({ field }) => field).join(', ')} differ in EKS: ${first.remedy}`)
  else if (sizes !== undefined) conditions.setFalse('InSync', 'Correcting', sizes)
  else conditions.setTrue('InSync', 'NoDrift')
}

const standing: ReadonlySet<NodeGroup['state']> = new Set(['Active', 'Degraded', 'Updating', 'Unknown'])

/** Which numbers of a group that stands are not yet those of the spec, in words. */
function sizesUnderWay({ spec, seen: { scalingGroup } }: Pass, { state }: NodeGroup): string | undefined {
  if (scalingGroup === undefined || !standing.has(state)) return undefined
  const { minSize, maxSize, desiredCapacity } = scalingGroup
  const actual = { minSize, maxSize, desiredSize: desiredCapacity }
  const { send } = planSize(spec.scaling, scalingGroup)
  const numbers = Object.entries(send).map(([field, value]) => `${field} is ${actual[field as keyof typeof actual]} in AWS and becomes ${value}`)
  return numbers.length === 0 ? undefined : numbers.join(', ')
}
