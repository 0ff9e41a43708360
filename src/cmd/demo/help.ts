import type { DemoCluster } from './cluster.ts'

/** What to try, in lines that fit a terminal of 80 columns and can be pasted. e2e runs every one of them. */
export function help({ kubeconfig, kubectl, context }: Pick<DemoCluster, 'kubeconfig' | 'kubectl' | 'context'>): string {
  return `
In another terminal:
  export KUBECONFIG=${kubeconfig}
  alias kubectl='${kubectl}${context === undefined ? '' : ` --context ${context}`}'

Six things to try:
  1. see what there is
     kubectl get targetclusters,eksnodegroups,nodes -A
  2. let it grow: from one node to four
     kubectl scale eksnodegroup/workers -n training --replicas=4
  3. ask what it is doing, and why
     kubectl describe eksnodegroup/workers -n training
  4. let it shrink: nodes are drained, and ended by name
     kubectl scale eksnodegroup/workers -n training --replicas=2
  5. ask for too much, and be told
     kubectl scale eksnodegroup/workers -n training --replicas=40
  6. let it go: it is refused, with the line that confirms; then once more
     kubectl delete eksnodegroup/workers -n training --wait=false

Ctrl-C ends everything.
`
}
