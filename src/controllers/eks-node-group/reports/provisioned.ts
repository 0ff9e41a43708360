import { isDeletedOutside } from '../deleted-outside.ts'
import type { Report } from '../pass.ts'

/** Condition `Provisioned`: the group stands in EKS. */
export const provisioned: Report = ({ draft, seen, name, target }) => {
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
  const issues = group.healthIssues.map(({ code, message }) => `${code}: ${message}`).join('; ')
  switch (state) {
    case 'Creating':
      return conditions.setFalse('Provisioned', 'Creating', `EKS is making node group ${name}`)
    case 'CreateFailed':
      return conditions.setFalse('Provisioned', 'CreateFailed', issues)
    case 'Deleting':
      return conditions.setFalse('Provisioned', 'Deleting', `node group ${name} is being deleted in EKS`)
    case 'DeleteFailed':
      return conditions.setFalse('Provisioned', 'DeleteFailed', issues)
    case 'Active':
    case 'Updating':
    case 'Degraded':
    case 'Unknown':
      return conditions.setTrue('Provisioned', 'Active')
  }
}
