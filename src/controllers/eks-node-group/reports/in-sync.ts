import { differences } from '../drift.ts'
import type { Report } from '../pass.ts'

/** Condition `InSync`: what the spec says about configuration is what EKS has. */
export const inSync: Report = ({ draft, spec, seen }) => {
  const { conditions, status } = draft
  if (seen.group === undefined) return
  const found = differences(spec, seen.group)
  const [first] = found
  if (first === undefined) {
    delete status.drift
    conditions.setTrue('InSync', 'NoDrift')
  } else {
    status.drift = found
    conditions.setFalse('InSync', 'Drifted', `${found.map(({ field }) => field).join(', ')} differ in EKS: ${first.remedy}`)
  }
}
