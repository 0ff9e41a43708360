import { rfc3339 } from '../../runtime/conditions.ts'
import { markOf } from './mark.ts'
import { originOf, ownerTags } from './ownership.ts'
import type { Pass } from './pass.ts'

/** Where the status was lost, the tags say how the group came to us: one that was found is kept when its object goes, as it would have been. */
export function recallOrigin({ draft, seen, surroundings }: Pick<Pass, 'draft' | 'seen' | 'surroundings'>): void {
  const { status, object } = draft
  const tags = seen.group?.tags
  if (tags === undefined || tags[ownerTags.uid] !== object.metadata.uid || status.operation?.kind === 'Create') return
  status.ownership ??= { origin: originOf(tags, markOf(object, surroundings)), since: rfc3339(surroundings.now()) }
}
