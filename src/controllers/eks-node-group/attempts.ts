import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { stableHash } from '../../lib/hash.ts'
import { creationOf } from './creation.ts'
import { markOf } from './mark.ts'
import type { Pass } from './pass.ts'
import { retryTokenOf } from './retry-token.ts'

/** After so many creations in a row that failed a person is asked (aws-rules B2). */
export const maxFailures = 3

type Creation = NonNullable<EksNodeGroupStatus['creation']>

/**
 * The failed creations as they count now, and what they count for. They count anew for a new `tidegate.io/retry`, for a generation that asks EKS for
 * something else, and once the group that nothing more was tried for is gone, since a person deleted it. Time alone begins nothing.
 *
 * Both generation and hash have to differ: `kubectl scale` and an HPA move the one, another version of the operator may move the other, and neither mends
 * anything. What a status of an earlier version does not say is what is found first.
 */
export function attemptsOf({
  draft: { object, status },
  spec,
  seen,
  surroundings,
  name,
}: Pick<Pass, 'draft' | 'spec' | 'seen' | 'surroundings' | 'name'>): Creation {
  const before = status.creation ?? { failures: 0 }
  const { generation = 0 } = object.metadata
  const paramsHash = stableHash(creationOf(name, spec, markOf(object, surroundings)))
  // One that was taken off stays the last one: put back, it is no new one.
  const retry = retryTokenOf(object.metadata) ?? before.retry
  const isAskedAgain = before.generation !== undefined && (retry !== before.retry || (generation !== before.generation && paramsHash !== before.paramsHash))
  const isGone = seen.group === undefined && before.failures >= maxFailures
  return {
    ...before,
    failures: isAskedAgain || isGone ? 0 : before.failures,
    generation,
    paramsHash,
    ...(retry === undefined ? {} : { retry }),
  }
}
