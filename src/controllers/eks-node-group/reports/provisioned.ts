import { isDeletedOutside } from '../deleted-outside.ts'
import { issuesInWords } from '../health-issues.ts'
import type { Pass, Report } from '../pass.ts'
import { makeAnew } from '../ways-out.ts'

/** Condition `Provisioned`: the group stands in EKS. */
export const provisioned: Report = (pass) => {
  const { draft, seen, name, target } = pass
  const { conditions, status } = draft
  const { group } = seen
  if (group === undefined) {
    if (isDeletedOutside(status))
      conditions.setFalse('Provisioned', 'DeletedOutside', `node group ${name} was there and is gone from cluster ${target.clusterName}`)
    else conditions.setFalse('Provisioned', 'Creating', `EKS has no node group ${name} yet`)
    delete status.state
    return
  }
  const { arn, state, version, releaseVersion, launchTemplate } = group
  Object.assign(status, { nodeGroupName: name, arn, state, autoScalingGroups: [...group.autoScalingGroups] })
  if (version !== undefined) status.version = version
  if (releaseVersion !== undefined) status.releaseVersion = releaseVersion
  if (launchTemplate !== undefined) status.launchTemplate = { ...launchTemplate }
  const issues = issuesInWords(group, target.clusterName)
  switch (state) {
    case 'Creating':
      return conditions.setFalse('Provisioned', 'Creating', `EKS is making node group ${name}`)
    case 'CreateFailed':
      return conditions.setFalse('Provisioned', 'CreateFailed', `EKS could not make node group ${name}; mend what it names: ${issues}`)
    case 'Deleting':
      return conditions.setFalse('Provisioned', 'Deleting', `node group ${name} is being deleted in EKS`)
    case 'DeleteFailed':
      return conditions.setFalse('Provisioned', 'DeleteFailed', `EKS could not delete node group ${name}; ${toDelete(pass)}: ${issues}`)
    case 'Active':
    case 'Updating':
    case 'Degraded':
    case 'Unknown':
      return conditions.setTrue('Provisioned', 'Active')
  }
}

/** Only for an object that is being deleted is the deletion asked for again. */
function toDelete({ draft, spec }: Pass): string {
  if (draft.object.metadata.deletionTimestamp !== undefined) return 'remove what holds it, and it is asked again by itself'
  const anew = `remove what holds it, then ${makeAnew(draft)}`
  if (spec.scaleDown.drain === 'None') return anew
  // EKS itself evicts for 5 min, and then ends the nodes whatever budgets say (EKS user guide, "Delete a managed node group"; awsdocs/amazon-eks-user-guide#1128).
  return `${anew}: nodes that still run are drained first; aws eks delete-nodegroup would end them after 5 min`
}
