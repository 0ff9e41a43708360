import type { NodeGroup } from '../../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'

/** A launch template in the words of the spec and in those of EKS, and what people can do. */
export interface OtherTemplate {
  readonly desired: string
  /** Absent where the group has none of its own. */
  readonly actual: string | undefined
  readonly remedy: string
}

const remedy =
  'EKS moves no group to another template: make a group of another name, or delete this object with policy.deletion: Retain, and write one with the template that EKS has'

/**
 * The template that the spec names, where the group stands on another one or on none, as an adopted group may; `undefined` where it is the same, or the
 * spec names none. Pure. Versions of different templates cannot be compared, so nothing is updated meanwhile. A spec that names it by name is content with
 * the name that EKS shows.
 */
export function otherTemplate(
  { launchTemplate: wanted }: Frozen<Pick<ManagedEksNodeGroupSpec, 'launchTemplate'>>,
  { launchTemplate: actual }: Pick<NodeGroup, 'launchTemplate'>,
): OtherTemplate | undefined {
  if (wanted === undefined) return undefined
  const isSame = wanted.id === undefined ? wanted.name === actual?.name : wanted.id === actual?.id
  if (isSame) return undefined
  return { desired: wanted.id ?? wanted.name ?? '', actual: actual === undefined ? undefined : [actual.id, actual.name].filter(Boolean).join(' '), remedy }
}
