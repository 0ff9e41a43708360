import { madeBy } from '../../aws/eks/made-by.ts'

/**
 * Who a node group in AWS belongs to (aws-rules A6): three tags say which object of which management cluster made or took it.
 * Decisions only; nothing here reads or writes.
 */

const ownerTags = { uid: 'tidegate.io/owner', object: 'tidegate.io/object', cluster: 'tidegate.io/cluster' } as const

/**
 * Says whether the group was made by the object that its mark names, or found by it: the status, which would say so too, does not come back from a backup.
 * It goes with the mark: whoever takes a group that another one made has found it.
 */
const originTag = 'tidegate.io/origin'
const created = 'Created'

type Origin = 'Created' | 'Adopted'

/** The tags of a group that is made. */
export function tagsOfCreation(mark: OwnershipMark): Readonly<Record<string, string>> {
  return { ...tagsOfMark(mark), [originTag]: created }
}

/** The tags that a group which is there gets from the object that takes it, so that a later life of that object recalls the same. */
export function tagsOfTaking(mark: OwnershipMark, origin: Origin): Readonly<Record<string, string>> {
  return { ...tagsOfMark(mark), [originTag]: origin }
}

/** How a group came to the object that takes it now: `Created` only where an earlier life of the same object made it. */
export function originOf(tags: Readonly<Record<string, string>>, mark: OwnershipMark): Origin {
  const isSame = tags[ownerTags.cluster] === mark.cluster && tags[ownerTags.object] === mark.object
  return isSame && tags[originTag] === created ? 'Created' : 'Adopted'
}

/** Names the UID of the owner that is gone. */
export const takeOverAnnotation = 'tidegate.io/take-over'

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

export function tagsOfMark(mark: OwnershipMark): Readonly<Record<string, string>> {
  return { [ownerTags.uid]: mark.uid, [ownerTags.object]: mark.object, [ownerTags.cluster]: mark.cluster }
}

/** Whether the group bears the mark of the object with this UID: then it is ours, whatever else is said of it. */
export function isMarkedBy(tags: Readonly<Record<string, string>>, uid: string): boolean {
  return tags[ownerTags.uid] === uid
}

export interface OwnershipQuestion {
  readonly name: string
  readonly mark: OwnershipMark
  /** `undefined`: no such group. */
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly adoption: 'CreateOnly' | 'AdoptOrCreate' | 'AdoptOnly'
  /** What the annotation `tidegate.io/take-over` asks for: the UID it names, and the living object of this management cluster that has it, if any. */
  readonly takeOver: { readonly uid: string; readonly livingOwner: string | undefined } | undefined
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
    if (takeOver?.uid !== uid) return { kind: 'refused', reason: 'OwnedByAnother', message: ownedByAnother(name, mark, tags, uid) }
    if (takeOver.livingOwner === undefined) return { kind: 'readopt', oldUid: uid }
    return {
      kind: 'refused',
      reason: 'OwnedByAnother',
      message: `node group ${name} belongs to ${takeOver.livingOwner}, which still exists, so that it is not taken over: delete that object with spec.policy.deletion Retain first, or make another object with another nodeGroupName`,
    }
  }
  if (adoption === 'CreateOnly')
    return {
      kind: 'refused',
      reason: 'AlreadyExists',
      message: `EKS already has a node group ${name} that we did not make: set policy.adoption to AdoptOrCreate to take it, or make another object with another nodeGroupName${maker(tags)}`,
    }
  return { kind: 'adopt' }
}

/** Who takes the group has to know that a tool goes on managing it. */
function maker(tags: Readonly<Record<string, string>>): string {
  const tool = madeBy(tags)
  return tool === undefined ? '' : `; it was made by ${tool}, which may change or delete it: if it is taken here, take it out there`
}

/** How the API server spells a UID. What stands in a tag anybody with rights in AWS can write: only this goes into a command that a person may copy. */
export const uidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function ownedByAnother(name: string, mark: OwnershipMark, tags: Readonly<Record<string, string>>, uid: string): string {
  const owner = `${tags[ownerTags.object] ?? 'an unknown object'} of management cluster ${tags[ownerTags.cluster] ?? 'unknown'}`
  const [namespace, object] = mark.object.split('/')
  const remedy = uidShape.test(uid)
    ? `kubectl annotate eksnodegroup ${object} -n ${namespace} --overwrite ${takeOverAnnotation}=${uid}`
    : `remove its tag ${ownerTags.uid} in AWS, which holds no UID, and set policy.adoption to AdoptOrCreate`
  return `node group ${name} belongs to ${owner}; if that owner is gone: ${remedy}`
}
