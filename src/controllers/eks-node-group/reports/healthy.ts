import { healthIssuesOf, issuesInWords } from '../health-issues.ts'
import type { Report } from '../pass.ts'
import { pending } from './pending.ts'

/** Condition `Healthy`: what EKS says about the group's health. EKS keeps an issue until a later operation succeeds, also at size 0. */
export const healthy: Report = ({ draft, seen, target }) => {
  const { group } = seen
  if (group === undefined) {
    delete draft.status.healthIssues
    return pending({ draft, seen }, 'Healthy')
  }
  const issues = healthIssuesOf(group)
  if (issues.length === 0) delete draft.status.healthIssues
  else draft.status.healthIssues = issues
  if (issues.length === 0 && group.state !== 'Degraded') draft.conditions.setTrue('Healthy', 'NoIssues')
  else
    draft.conditions.setFalse('Healthy', 'Degraded', `mend what EKS names, which can show for an hour afterwards: ${issuesInWords(group, target.clusterName)}`)
}
