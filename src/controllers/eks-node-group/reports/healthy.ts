import type { Report } from '../pass.ts'

/** The status keeps as many as its schema takes. */
const maxIssues = 20

/** Condition `Healthy`: what EKS says about the group's health. EKS keeps an issue until a later operation succeeds, also at size 0. */
export const healthy: Report = ({ draft, seen }) => {
  const { group } = seen
  if (group === undefined) return
  const issues = group.healthIssues.slice(0, maxIssues)
  if (issues.length === 0) delete draft.status.healthIssues
  else
    draft.status.healthIssues = issues.map(({ code, message, resourceIds }) => ({
      code,
      message: message.slice(0, 2048),
      resourceIds: resourceIds.slice(0, 50),
    }))
  if (issues.length === 0 && group.state !== 'Degraded') draft.conditions.setTrue('Healthy', 'NoIssues')
  else draft.conditions.setFalse('Healthy', 'Degraded', issues.map(({ code, message }) => `${code}: ${message}`).join('; ') || 'EKS calls the group DEGRADED')
}
