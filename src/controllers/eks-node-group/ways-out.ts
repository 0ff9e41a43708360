import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import type { GroupDraft } from './pass.ts'

/** Named with the object's own UID: the object may go, and whatever it made stays in AWS. */
export const abandonAnnotation = 'tidegate.io/abandon'

/** What a person can do with an object whose deletion waits for a target or a cluster that may never come back (P8). */
export function waysOut(object: Frozen<EksNodeGroup>): string {
  return `The deletion waits for it. If it does not come back, leave in AWS what is there: ${abandonLine(object)}; or set spec.policy.deletion to Retain`
}

/** The command that leaves behind whatever stands of ours, and lets the object go at once. */
export function abandonLine({ metadata: { name, namespace = 'default', uid } }: Frozen<EksNodeGroup>): string {
  return `kubectl annotate --overwrite eksnodegroup ${name} -n ${namespace} ${abandonAnnotation}=${uid}`
}

/** How a group comes to be made anew, where nothing else mends it. A deletion that retains it would find it again, and after one that does not some make none. */
export function makeAnew({ object: { spec }, status }: Pick<GroupDraft, 'object' | 'status'>): string {
  const { policy } = spec
  const isRetained = policy.deletion === 'Retain' || (status.ownership?.origin === 'Adopted' && policy.deletion !== 'Delete')
  const first = [
    ...(isRetained ? ['spec.policy.deletion to Delete, since the group would stay in EKS'] : []),
    ...(policy.adoption === 'AdoptOnly' ? ['spec.policy.adoption to AdoptOrCreate, since AdoptOnly makes none'] : []),
  ]
  return `${first.length === 0 ? '' : `set ${first.join(' and ')}, `}delete this object and apply it again`
}

/** Whether a person left behind whatever stands of ours. */
export function isAbandoned({ object }: { readonly object: Frozen<EksNodeGroup> }): boolean {
  return object.metadata.annotations?.[abandonAnnotation] === object.metadata.uid
}
