import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

/** Named with the object's own UID: the object may go, and whatever it made stays in AWS. */
export const abandonAnnotation = 'tidegate.io/abandon'

/** What a person can do with an object whose deletion waits for a target or a cluster that may never come back (P8). */
export function waysOut({ metadata }: Frozen<EksNodeGroup>): string {
  const { name, namespace = 'default', uid } = metadata
  const annotate = `kubectl annotate --overwrite eksnodegroup ${name} -n ${namespace} ${abandonAnnotation}=${uid}`
  return `The deletion waits for it. If it does not come back, leave in AWS what is there: ${annotate}; or set spec.policy.deletion to Retain`
}
