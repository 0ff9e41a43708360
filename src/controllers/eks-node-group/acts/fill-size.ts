import { awaitChange } from '../../../runtime/reconciler.ts'
import type { Act } from '../pass.ts'
import { firstSize } from '../sizing.ts'

/**
 * Fills `scaling.desiredSize` once where orders own the size and nobody has said one: `/scale` answers 500 while the field is absent, so that
 * `kubectl scale` and an HPA would find nothing to work on.
 */
export const fillSize: Act = async ({ draft, spec, context, seen, sizes }) => {
  const { sizeOwner, desiredSize } = spec.scaling
  if (sizeOwner !== 'Orders' || desiredSize !== undefined) return undefined
  if (seen.group !== undefined && seen.scalingGroup === undefined) return undefined
  await sizes.setDesiredSize(draft.object, firstSize(spec.scaling, seen.scalingGroup), { signal: context.signal })
  return awaitChange
}
