import type { ReasonException } from '../../support/reason-exceptions.ts'

/** Waits for a person without an example in `examples/waiting`, and why. */
interface WaitingException extends ReasonException {
  /** The file that shows the wait instead. */
  readonly test: string
}

/** Keep it short: what one file can bring about with what the simulator can be told has an example. */
export const waitingExceptions: readonly WaitingException[] = [
  {
    why: 'Only with a definition that is older than the operator: the whole cluster of the examples would have it.',
    test: 'test/integration/rules/old-crd.test.ts',
    pairs: ['TargetCluster Stalled SchemaTooOld', 'EksNodeGroup Stalled SchemaTooOld'],
  },
  {
    why: 'Only from an API server that answers: its address and its certificate are others in each installation, and stand in no file.',
    test: 'test/integration/target-cluster/connection.test.ts',
    pairs: [
      'TargetCluster KubernetesReachable Unauthorized',
      'TargetCluster Stalled Unauthorized',
      'TargetCluster KubernetesReachable Forbidden',
      'TargetCluster Stalled Forbidden',
    ],
  },
  {
    why: 'The Lease of another management cluster would hold back the one cluster that all examples share.',
    test: 'test/integration/target-cluster/lease.test.ts',
    pairs: ['TargetCluster KubernetesReachable HeldByAnotherManagementCluster', 'TargetCluster Stalled HeldByAnotherManagementCluster'],
  },
  {
    why: 'Only where another cluster takes the place of the one that all examples share.',
    test: 'test/integration/target-cluster/connection.test.ts',
    pairs: [
      'TargetCluster KubernetesReachable TargetReplaced',
      'TargetCluster Stalled TargetReplaced',
      'EksNodeGroup Provisioned TargetReplaced',
      'EksNodeGroup Reconciling TargetReplaced',
    ],
  },
  {
    why: 'Only where EKS tells another certificate authority of the cluster that all examples share.',
    test: 'test/integration/target-cluster/other-cluster.test.ts',
    pairs: ['TargetCluster KubernetesReachable WrongCluster', 'TargetCluster Stalled WrongCluster'],
  },
  {
    why: 'Only where the TargetCluster is abandoned and made anew for another EKS cluster, and the group cannot go before that is put right.',
    test: 'test/integration/target-cluster/made-anew.test.ts',
    pairs: ['EksNodeGroup Stalled WrongCluster'],
  },
  {
    why: 'Only where EKS deletes the cluster that all examples share.',
    test: 'test/integration/target-cluster/gone.test.ts',
    pairs: ['TargetCluster CloudReachable TargetGone', 'TargetCluster Stalled TargetGone', 'EksNodeGroup Provisioned TargetGone'],
  },
  {
    why: 'What group-of-unreachable-cluster.yaml waits for, said of a group that had been made and is deleted then: the cluster has to answer first.',
    test: 'test/integration/target-cluster/connection.test.ts',
    pairs: ['EksNodeGroup Reconciling ClusterUnreachable'],
  },
  {
    why: 'What reference-not-found.yaml waits for, said of a group that had been made and is deleted then: the TargetCluster goes by tidegate.io/abandon alone.',
    test: 'test/integration/target-cluster/leaving.test.ts',
    pairs: ['EksNodeGroup Reconciling ReferenceNotFound'],
  },
  {
    why: 'What removal-refused.yaml waits for, said of a group that is deleted: the same pod, the same budget and the same remedy.',
    test: 'test/integration/eks-node-group/deletion-of-nodes.test.ts',
    pairs: ['EksNodeGroup Reconciling RemovalRefused'],
  },
  {
    why: 'What role-not-assumed.yaml waits for, said of a group: only an hour after the role was assumed, since one that is new to the target is tried there first.',
    test: 'test/integration/eks-node-group/role-lost.test.ts',
    pairs: ['EksNodeGroup Stalled RoleNotAssumed'],
  },
]
