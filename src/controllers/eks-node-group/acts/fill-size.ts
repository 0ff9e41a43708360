import { isKubeError } from '../../../kube/kube-error.ts'
import { isAnotherObject } from '../../../runtime/finalizer.ts'
import { TerminalError, wrote } from '../../../runtime/reconciler.ts'
import type { Act } from '../pass.ts'
import { firstSize } from '../sizing.ts'

/**
 * Fills `scaling.desiredSize` once where orders own the size and nobody has said one: `/scale` answers 500 while the field is absent, so that
 * `kubectl scale` and an HPA would find nothing to work on.
 *
 * Errors: `SizeRefused` when the rules of the kind say no, as for a group of more than 100 nodes that was found without `allowLarge`.
 */
export const fillSize: Act = async ({ draft, spec, context, seen, sizes }) => {
  const { sizeOwner, desiredSize } = spec.scaling
  if (sizeOwner !== 'Orders' || desiredSize !== undefined) return undefined
  // Before it shows nobody knows of any number: one that is found instead of made would shrink to what was filled in.
  if (seen.scalingGroup === undefined) return undefined
  // EKS raises the number for the time of an update ("increments the Auto Scaling group maximum size and desired size": EKS user guide, "Understand each phase
  // of node updates"), and lowers it after: what was filled in would stay.
  if (seen.group?.state === 'Updating') return undefined
  const size = firstSize(spec.scaling, seen.scalingGroup)
  try {
    return wrote(await sizes.setDesiredSize(draft.object, size, { signal: context.signal }))
  } catch (error) {
    if (!isKubeError(error, 'Invalid') || isAnotherObject(error)) throw error
    throw new TerminalError(
      'SizeRefused',
      `the object does not take ${size}, the number of nodes there, as scaling.desiredSize (${error.message}): set scaling.allowLarge to true if so many are meant, or do what the rule says`,
      { cause: error },
    )
  }
}
