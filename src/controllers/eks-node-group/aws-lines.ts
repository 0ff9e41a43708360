/** Lines for a person who mends something of an Auto Scaling group by hand (AWS CLI Command Reference, `aws autoscaling`). `group`: its name. */

/** Lets a suspended process run again. */
export function resumeProcessLine(group: string, process: string): string {
  return `aws autoscaling resume-processes --auto-scaling-group-name ${group} --scaling-processes ${process}`
}

/** Ends the protection from scale-in of these instances; AWS takes 50 in one call. */
export function unprotectLine(group: string, instanceIds: readonly string[]): string {
  return `aws autoscaling set-instance-protection --auto-scaling-group-name ${group} --no-protected-from-scale-in --instance-ids ${instanceIds.join(' ')}`
}

/** Takes a tag off. */
export function deleteTagLine(group: string, key: string): string {
  return `aws autoscaling delete-tags --tags ResourceId=${group},ResourceType=auto-scaling-group,Key=${key}`
}
