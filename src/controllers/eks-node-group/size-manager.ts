import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { managerOf } from './field-managers.ts'
import type { Pass } from './pass.ts'

/**
 * The field manager that set `scaling.desiredSize` last; `undefined` where nobody has. Nor has whoever scales to 0 by `/scale`: in a Scale a 0 is left out
 * (autoscaling/v1, `replicas,omitempty`), and the API server then takes the field for nobody's.
 */
export function sizeManagerOf(object: Frozen<EksNodeGroup>): string | undefined {
  return managerOf(object, ['desiredSize'])
}

/** Who lowered the number to `keep`, where it is the number that asks for so few, and not a bound or a deletion. For words only. */
export function shrinkerOf({ draft, spec: { scaling } }: Pick<Pass, 'draft' | 'spec'>, keep: number): string | undefined {
  const isDeleted = draft.object.metadata.deletionTimestamp !== undefined
  return isDeleted || scaling.sizeOwner === 'External' || scaling.desiredSize !== keep ? undefined : sizeManagerOf(draft.object)
}
