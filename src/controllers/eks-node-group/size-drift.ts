import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { byItself } from './drift.ts'
import type { Pass } from './pass.ts'
import { isPending } from './removals/asked.ts'
import { worldOf } from './removals/world.ts'
import { planSize } from './sizing.ts'

type Drift = NonNullable<EksNodeGroupStatus['drift']>[number]
type Given = Pick<Pass, 'draft' | 'spec' | 'seen' | 'target' | 'surroundings' | 'once' | 'held'>

const standing: ReadonlySet<NodeGroup['state']> = new Set(['Active', 'Degraded', 'Updating', 'Unknown'])

/**
 * Which numbers of a group that stands are not those of the spec: what is about to be sent, a maximum that cannot be sent yet, and a number that somebody
 * raised while nobody may be chosen to leave. Nodes that are on their way out stand in `status.removals`, and are no difference.
 */
export function sizeDifferences(pass: Given, { state }: NodeGroup): Drift[] {
  const { draft, spec, seen } = pass
  const { scalingGroup } = seen
  if (scalingGroup === undefined || !standing.has(state)) return []
  // EKS raises the numbers for the nodes that it adds, and lowers them itself.
  if (state === 'Updating' && draft.status.operation?.kind === 'UpdateVersion') return []
  const { send } = planSize(spec.scaling, scalingGroup)
  // So may an update that somebody else started.
  const above = state === 'Updating' ? {} : tooHigh(pass, scalingGroup)
  const wanted = { ...above, ...send }
  const { minSize, maxSize, desiredCapacity } = scalingGroup
  return [
    ...differing('minSize', wanted.minSize, minSize),
    ...differing('maxSize', wanted.maxSize, maxSize),
    ...differing('desiredSize', wanted.desiredSize, desiredCapacity),
  ]
}

/** What differs, in the words of a message. */
export function sizesInMessage(drift: readonly Drift[]): string {
  return drift.map(({ field, desired, actual }) => `${field.replace('scaling.', '')} is ${actual} in AWS and becomes ${desired}`).join(', ')
}

function differing(field: 'minSize' | 'maxSize' | 'desiredSize', desired: number | undefined, actual: number): Drift[] {
  return desired === undefined ? [] : [{ field: `scaling.${field}`, desired: String(desired), actual: String(actual), remedy: byItself }]
}

/** What is never sent, or not yet: the maximum stays while nodes leave, and a lower number is brought about by ending nodes by name (P1). */
function tooHigh(pass: Given, scalingGroup: ScalingGroup): { readonly maxSize?: number; readonly desiredSize?: number } {
  const { spec, held } = pass
  const most = Math.max(1, spec.scaling.maxSize)
  const { keep } = planSize(spec.scaling, scalingGroup)
  // Where nobody holds it back, those that are too many are chosen in this very pass. Under `External` the number is not ours.
  const tellsNumber = held && spec.scaling.sizeOwner !== 'External'
  return {
    ...(scalingGroup.maxSize > most ? { maxSize: most } : {}),
    ...(tellsNumber && scalingGroup.desiredCapacity - leaving(pass, scalingGroup) > keep ? { desiredSize: keep } : {}),
  }
}

/** How many of the number are on their way out, or named by an order. */
function leaving(pass: Given, scalingGroup: ScalingGroup): number {
  const { before, requested, members } = worldOf(pass, scalingGroup)
  const going = before.filter((one) => isPending(one, members))
  const known = new Set([...going, ...before.filter(({ state }) => state === 'Gone')].map(({ nodeUID }) => nodeUID))
  return going.length + requested.filter(({ nodeUID }) => !known.has(nodeUID)).length
}
