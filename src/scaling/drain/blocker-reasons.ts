/** Every word that a blocker can have: what it means, and what a person can do. `docs/drain.md` has its table from here. */
export const blockerReasons = {
  DisruptionBudget: {
    means: 'the eviction would break a PodDisruptionBudget, which is named',
    remedy: 'wait until more of its pods are healthy elsewhere; look at `kubectl describe pdb`; a budget that never allows one has to be loosened',
  },
  SeveralDisruptionBudgets: {
    means: 'several PodDisruptionBudgets select the pod: Kubernetes never evicts it',
    remedy: 'leave one of them (`kubectl get pdb -n NAMESPACE`)',
  },
  DoNotDisrupt: { means: 'the pod has `karpenter.sh/do-not-disrupt`', remedy: 'remove the annotation, or wait until the pod or the duration ends' },
  NotSafeToEvict: {
    means: 'the pod has `cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`',
    remedy: 'remove the annotation, or wait until the pod ends',
  },
  UnmanagedPod: { means: 'the pod has no controller: nobody would make it anew', remedy: 'delete it, or give it a controller' },
  JobRunning: { means: 'a Job, a kind whose name ends with it, or a RayCluster still runs', remedy: 'wait until it ends, or delete it' },
  LocalData: { means: 'the pod has data in an emptyDir, and the rule says that this blocks', remedy: 'save what is needed, then delete the pod' },
  ToleratesDrain: {
    means: 'pods of this controller came back three times: they tolerate our taint, or name the node in `spec.nodeName`',
    remedy: 'narrow the tolerations, take the name out, or scale the controller down',
  },
  NamespaceTerminating: { means: "the pod's namespace is being deleted, and takes the pod with it", remedy: 'wait; look at `kubectl describe namespace`' },
  StuckTerminating: { means: 'the pod is there a minute after its grace period', remedy: "look at its finalizers, and at the node's kubelet" },
  EvictionRefused: {
    means: 'the API server, or a webhook, refused the eviction; its words are in the message',
    remedy: 'mend what they say; it is tried again',
  },
  ForceNotPermitted: {
    means: 'the deadline of `Force` has passed, and we may not delete pods',
    remedy: 'bind ClusterRole `tidegate-force-drain` in the target (below), or `onTimeout: Wait` or `Fail`',
  },
  VolumeAttached: {
    means: 'the pods have left, and a volume is still attached to the node',
    remedy: 'wait; look at `kubectl get volumeattachments` and at the CSI driver',
  },
  NodeHeldByAnother: {
    means: "the node carries another object's mark; the object is named where this management cluster has it",
    remedy: 'wait until that one releases it; if it is gone, take the taint off by hand (below)',
  },
  NodeChanged: { means: 'another machine has the name of the node', remedy: 'none needed: it is left alone' },
} as const satisfies Readonly<Record<string, { readonly means: string; readonly remedy: string }>>

export type BlockerReason = keyof typeof blockerReasons
