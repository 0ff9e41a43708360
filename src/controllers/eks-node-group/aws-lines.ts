import type { NodeGroupTaint } from '../../aws/eks/port.ts'

/** Lines for a person who mends something in AWS by hand (AWS CLI Command Reference, `aws autoscaling`, `aws eks`). `group`: name of an Auto Scaling group. */

/** Lets a suspended process run again. */
export function resumeProcessLine(group: string, process: string): string {
  return `aws autoscaling resume-processes --auto-scaling-group-name ${group} --scaling-processes ${process}`
}

/** Ends the protection from scale-in of these instances; AWS takes 50 in one call. */
export function unprotectLine(group: string, instanceIds: readonly string[]): string {
  return `aws autoscaling set-instance-protection --auto-scaling-group-name ${group} --no-protected-from-scale-in --instance-ids ${instanceIds.join(' ')}`
}

/**
 * Ends these instances, whatever protects them. `lowers`: of the Auto Scaling group's number as well, which replaces them otherwise; that takes one a call.
 */
export function endInstancesLine(instanceIds: readonly string[], { lowers }: { readonly lowers: boolean }): string {
  if (!lowers) return `aws ec2 terminate-instances --instance-ids ${instanceIds.join(' ')}`
  const end = 'aws autoscaling terminate-instance-in-auto-scaling-group --should-decrement-desired-capacity --instance-id'
  return `for id in ${instanceIds.join(' ')}; do ${end} $id; done`
}

/** Takes a tag off. */
export function deleteTagLine(group: string, key: string): string {
  return `aws autoscaling delete-tags --tags ResourceId=${group},ResourceType=auto-scaling-group,Key=${key}`
}

/** Takes a taint off a node group, and off its nodes. */
export function removeTaintLine(
  { clusterName, name }: { readonly clusterName: string; readonly name: string },
  { key, value = '', effect }: NodeGroupTaint,
): string {
  const spelled = effect.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
  const taints = `'removeTaints=[{key=${key},value=${value},effect=${spelled}}]'`
  return `aws eks update-nodegroup-config --cluster-name ${clusterName} --nodegroup-name ${name} --taints ${taints}`
}
