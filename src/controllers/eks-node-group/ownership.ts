/**
 * Who a node group in AWS belongs to (aws-rules A6): three tags say which object of which management cluster made or took it.
 * Decisions only; nothing here reads or writes.
 */

export const ownerTags = { uid: 'tidegate.io/owner', object: 'tidegate.io/object', cluster: 'tidegate.io/cluster' } as const

export interface OwnershipMark {
  readonly uid: string
  /** `namespace/name`. */
  readonly object: string
  /** Id of the management cluster. */
  readonly cluster: string
}

export type Ownership =
  /** Nothing of this name is in AWS. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'ours' }
  /** Same object, same management cluster, another UID: restored from a backup or from Git. */
  | { readonly kind: 'readopt'; readonly oldUid: string }
  /** Nobody's by our tags, and `adoption` lets us take it. */
  | { readonly kind: 'adopt' }
  | { readonly kind: 'refused'; readonly reason: 'AlreadyExists' | 'OwnedByAnother' | 'NotFound'; readonly message: string }

export function marksOf(mark: OwnershipMark): Readonly<Record<string, string>> {
  return { [ownerTags.uid]: mark.uid, [ownerTags.object]: mark.object, [ownerTags.cluster]: mark.cluster }
}

export interface OwnershipQuestion {
  readonly name: string
  readonly mark: OwnershipMark
  /** `undefined`: no such group. */
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly adoption: 'CreateOnly' | 'AdoptOrCreate' | 'AdoptOnly'
  /** Value of the annotation `tidegate.io/take-over`. */
  readonly takeOver: string | undefined
}

export function decideOwnership({ name, mark, tags, adoption, takeOver }: OwnershipQuestion): Ownership {
  if (tags === undefined) {
    if (adoption !== 'AdoptOnly') return { kind: 'absent' }
    return { kind: 'refused', reason: 'NotFound', message: `EKS has no node group ${name}: create it there, or set policy.adoption to AdoptOrCreate` }
  }
  const uid = tags[ownerTags.uid]
  if (uid === mark.uid) return { kind: 'ours' }
  if (uid !== undefined) {
    if (tags[ownerTags.cluster] === mark.cluster && tags[ownerTags.object] === mark.object) return { kind: 'readopt', oldUid: uid }
    if (takeOver === uid) return { kind: 'readopt', oldUid: uid }
    return {
      kind: 'refused',
      reason: 'OwnedByAnother',
      message: `node group ${name} belongs to ${tags[ownerTags.object] ?? 'an unknown object'} of management cluster ${tags[ownerTags.cluster] ?? 'unknown'}; if that owner is gone, annotate this object with tidegate.io/take-over=${uid}`,
    }
  }
  if (adoption === 'CreateOnly')
    return {
      kind: 'refused',
      reason: 'AlreadyExists',
      message: `EKS already has a node group ${name} that we did not make: set policy.adoption to AdoptOrCreate to take it, or choose another nodeGroupName`,
    }
  return { kind: 'adopt' }
}
