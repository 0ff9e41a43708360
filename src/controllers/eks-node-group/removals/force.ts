import type { Pass } from '../pass.ts'
import { nodeOf } from './mark.ts'
import type { Removal } from './removal.ts'

/**
 * Says what to do where nodes are drained under `onTimeout: Force` and the target does not let us delete pods; `undefined` where that is no matter. To be
 * asked before the first of them is isolated: nobody shall rely on a deadline that does nothing. While nobody can tell, nothing is said and nothing held
 * up: the deletion itself is judged again.
 */
export async function forceRefused(
  { spec, target, context }: Pick<Pass, 'spec' | 'target' | 'context'>,
  removals: readonly Removal[],
): Promise<string | undefined> {
  const { drain, onTimeout } = spec.scaleDown
  if (drain === 'None' || onTimeout !== 'Force' || !removals.some(isToBeDrained)) return undefined
  if ((await target.drain.mayForce(context)) !== false) return undefined
  return 'scaleDown.onTimeout is Force and the target does not let us delete pods, so that after scaleDown.timeout a drain goes on as with Wait: bind the ClusterRole tidegate-force-drain there (docs/drain.md), or set Wait or Fail'
}

function isToBeDrained(one: Removal): boolean {
  return (one.state === 'Accepted' || one.state === 'Draining') && nodeOf(one) !== undefined
}
