import type { Report } from '../pass.ts'

/** Condition `UpToDate`: the versions that the spec names are the ones that run. */
export const upToDate: Report = ({ draft, spec, seen }) => {
  const { group } = seen
  if (group === undefined) return
  if (group.state === 'Updating') return draft.conditions.setFalse('UpToDate', 'Updating', 'EKS updates the node group')
  const differs = [
    ['version', spec.version, group.version],
    ['releaseVersion', spec.releaseVersion, group.releaseVersion],
    ['launchTemplate.version', spec.launchTemplate?.version, group.launchTemplate?.version],
  ].flatMap(([field, wanted, actual]) => (wanted === undefined || wanted === actual ? [] : [`${field} is ${actual ?? 'not set'}, the spec says ${wanted}`]))
  if (differs.length === 0) draft.conditions.setTrue('UpToDate', 'Current')
  else
    draft.conditions.setFalse('UpToDate', 'VersionDiffers', `${differs.join('; ')}: update the group with aws eks update-nodegroup-version, or change the spec`)
}
