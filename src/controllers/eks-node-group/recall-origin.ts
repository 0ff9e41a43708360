import { rfc3339 } from '../../runtime/conditions.ts'
import { markOf } from './mark.ts'
import { isMarkedBy, originOf } from './ownership.ts'
import type { Pass } from './pass.ts'

/** Another group of the name: how it comes to us is judged anew, the status names this one, and no update of the former. Answers whether it is one. To be called before anything goes by that. */
export function forgetFormerGroup({ draft: { status }, seen: { group } }: Pick<Pass, 'draft' | 'seen'>): boolean {
  if (status.arn === undefined || group === undefined || status.arn === group.arn) return false
  delete status.ownership
  delete status.update
  status.arn = group.arn
  return true
}

/** Where the status was lost, the tags say how the group came to us: one that was found is kept when its object goes, as it would have been. */
export function recallOrigin({ draft, seen, surroundings }: Pick<Pass, 'draft' | 'seen' | 'surroundings'>): void {
  const { status, object } = draft
  const tags = seen.group?.tags
  if (tags === undefined || !isMarkedBy(tags, object.metadata.uid) || status.operation?.kind === 'Create') return
  status.ownership ??= { origin: originOf(tags, markOf(object, surroundings)), since: rfc3339(surroundings.now()) }
}
