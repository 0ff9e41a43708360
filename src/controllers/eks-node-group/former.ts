import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import type { Mark } from '../../drain/mark.ts'
import { uidShape } from './ownership.ts'
import type { GroupDraft } from './pass.ts'
import type { Surroundings } from './ports.ts'

/** As many as the schema takes. */
const most = 5

/**
 * Remembers under which UID the group was had before: what an earlier life of the object marked would else belong to nobody. Anybody with rights in AWS can
 * write the tag that names it, so that a UID which a living object has is not believed.
 */
export function rememberFormer(
  ownership: NonNullable<EksNodeGroupStatus['ownership']>,
  oldUid: string,
  { livingOwner }: Pick<Surroundings, 'livingOwner'>,
): void {
  const { formerUIDs = [] } = ownership
  if (!uidShape.test(oldUid) || livingOwner(oldUid) !== undefined) return
  ownership.formerUIDs = [...formerUIDs.filter((uid) => uid !== oldUid), oldUid].slice(-most)
}

/** UIDs of earlier lives of this object, without its own. */
export function formerUids({ object, status }: Pick<GroupDraft, 'object' | 'status'>): readonly string[] {
  return (status.ownership?.formerUIDs ?? []).filter((uid) => uid !== object.metadata.uid)
}

/** The marks that earlier lives of this object may have left on the group's nodes. */
export function formerMarks(draft: Pick<GroupDraft, 'object' | 'status'>): readonly Mark[] {
  return formerUids(draft).map((uid) => ({ kind: 'leaving', uid }) as const)
}

/** UIDs whose taint `tidegate.io/leaving` on the group itself is stale: those of earlier lives, and this object's own, unless it is being deleted. */
export function endedDeletions(draft: Pick<GroupDraft, 'object' | 'status'>): readonly string[] {
  const { uid, deletionTimestamp } = draft.object.metadata
  return deletionTimestamp === undefined ? [uid, ...formerUids(draft)] : []
}
