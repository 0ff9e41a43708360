import { groupLabel } from '../../../aws/eks/group-label.ts'
import type { Report } from '../pass.ts'

/**
 * `status.selector`, which the scale subresource hands on: a HorizontalPodAutoscaler refuses to work without one.
 *
 * It selects Nodes, so the pods that an HPA looks for by it are none. That is meant: metrics with an average value count by the replicas of the
 * scale, which are nodes; those that count Ready pods would be about something else, and end with an error of the HPA
 * (k8s.io/kubernetes/pkg/controller/podautoscaler, `replica_calculator.go`). A selector that matched the pods of a Deployment would make the HPAs
 * of both refuse (`AmbiguousSelector`).
 */
export const selector: Report = ({ draft: { status }, name }) => {
  if (isLabelValue.test(name)) status.selector = `${groupLabel}=${name}`
  else delete status.selector
}

/** EKS takes names that end with a dash; such a value would stand on no Node. */
const isLabelValue = /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/
