import { accessReasons } from './aws-reasons.ts'
import { commonReasons, type Reasons } from './reasons.ts'

/** Dependents of Ready, in the order in which they are asked. */
export const targetClusterConditions = ['KubernetesReachable', 'CloudReachable'] as const

export const targetClusterReasons = {
  ...commonReasons,
  ...accessReasons(['CloudReachable', 'KubernetesReachable', 'Stalled']),
  EndpointUnknown: {
    conditions: ['KubernetesReachable'],
    needsPerson: false,
    meaning: 'With connection.eksToken the address of the API server comes from EKS, which has not told it yet; CloudReachable says why.',
  },
  Connected: { conditions: ['KubernetesReachable'], needsPerson: false, meaning: 'The API server of the target answers.' },
  ClusterUnreachable: {
    conditions: ['KubernetesReachable', 'Ready'],
    needsPerson: true,
    meaning:
      'For 60 s the API server of the target has not answered, not taken the Lease kube-system/tidegate, or not told of its nodes or pods; the message says which. Check the network path, the address in the kubeconfig, and the API server itself; it heals by itself.',
  },
  Unauthorized: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning:
      "The target refuses the credentials. Write a fresh kubeconfig into the Secret; with connection.eksToken, make an access entry for the operator's role.",
  },
  Forbidden: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'The credentials lack rights in the target. Apply config/rbac/target.yaml there, and bind its ClusterRole and its Role to them.',
  },
  SecretNotFound: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: "The Secret named by kubeconfigSecretRef, or its key, is not in the operator's namespace. Create it.",
  },
  KubeconfigInvalid: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'The Secret does not hold a kubeconfig that can be read, or the context is not in it. Correct the Secret.',
  },
  UnsafeKubeconfig: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'The kubeconfig runs a program or names files of the operator. Put the token or the certificate itself into it.',
  },
  TargetAlreadyManaged: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'Another TargetCluster stands for the same cluster. Delete one of the two.',
  },
  HeldByAnotherManagementCluster: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning:
      'A Tidegate in another management cluster holds the Lease kube-system/tidegate in the target, so nothing is changed there from here. Delete one of the two TargetClusters.',
  },
  TargetReplaced: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'Another cluster answers at this address: its kube-system has another UID. Correct the connection, or create a new TargetCluster.',
  },
  InvalidTimeZone: {
    conditions: ['Stalled'],
    needsPerson: true,
    needsEdit: true,
    meaning: 'spec.timeZone is no time zone that is known. Use an IANA name.',
  },
  CloudAnswers: { conditions: ['CloudReachable'], needsPerson: false, meaning: 'AWS answers, and knows the cluster where one is named.' },
  NoEksCluster: { conditions: ['CloudReachable'], needsPerson: false, meaning: 'No EKS cluster is named, so nothing is asked of AWS.' },
  CloudUnreachable: {
    conditions: ['CloudReachable'],
    needsPerson: true,
    meaning: 'AWS does not answer. Check the network path to the region; it heals by itself.',
  },
  WrongAccount: {
    conditions: ['CloudReachable', 'Stalled'],
    needsPerson: true,
    meaning:
      'The credentials belong to another account than spec.aws.accountId. Give the operator credentials of that account; for another account make another TargetCluster. Or they lead to a cluster of the same name in another account than the one in which it was found first: set spec.aws.roleArn back.',
  },
  WrongCluster: {
    conditions: ['KubernetesReachable', 'Stalled'],
    needsPerson: true,
    meaning:
      'The connection leads to another cluster than the one in EKS that eksClusterName names: their certificate authorities differ. Correct the connection, or make a TargetCluster with the right eksClusterName; nothing is done in either.',
  },
  EksClusterNotFound: {
    conditions: ['CloudReachable', 'Stalled'],
    needsPerson: true,
    meaning: 'EKS knows no cluster of that name in the region. Check eksClusterName, region and account.',
  },
  TargetGone: {
    conditions: ['CloudReachable', 'Stalled'],
    needsPerson: true,
    meaning:
      'EKS had the cluster and has it no longer, so its node groups and Nodes are gone too. Delete the objects that name this TargetCluster, then this one: nothing waits for the cluster.',
  },
  EksClusterNotActive: {
    conditions: ['CloudReachable'],
    needsPerson: false,
    meaning: 'The EKS cluster is being created, updated or deleted; node groups wait for it.',
  },
  Throttled: { conditions: ['CloudReachable'], needsPerson: false, meaning: 'AWS asks for fewer calls; they are repeated later.' },
  InUse: {
    conditions: ['Reconciling'],
    needsPerson: true,
    meaning: 'The object is being deleted while others name it. Delete or move those first; the message names them.',
  },
} as const satisfies Reasons
