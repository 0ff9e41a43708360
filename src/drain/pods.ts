import type { PodSummary, RawPod } from '../kube/pod-summary.ts'
import { projectPod } from '../kube/projections.ts'
import type { DrainPod } from '../scaling/drain/pod.ts'

/** `system-cluster-critical`; `system-node-critical` is above it, and no class of a user's reaches it (scheduling.k8s.io, SystemCriticalPriority). */
const criticalPriority = 2_000_000_000

/** A pod of the cache as the plan wants it. `ownNamespace`: where Tidegate itself runs, if that is in this cluster. */
export function toDrainPod(pod: PodSummary, ownNamespace: string | undefined): DrainPod {
  const { namespace = '', name, uid, annotations, creationTimestamp, deletionTimestamp } = pod.metadata
  return {
    namespace,
    name,
    uid,
    controller: pod.owner === undefined || pod.owner.controller === false ? undefined : pod.owner,
    createdAt: new Date(creationTimestamp ?? 0),
    finished: pod.phase === 'Succeeded' || pod.phase === 'Failed',
    mirror: annotations?.['kubernetes.io/config.mirror'] !== undefined,
    critical: pod.priority >= criticalPriority,
    own: namespace === ownNamespace,
    graceEndsAt: deletionTimestamp === undefined ? undefined : new Date(deletionTimestamp),
    doNotDisrupt: annotations?.['karpenter.sh/do-not-disrupt'],
    safeToEvict: annotations?.['cluster-autoscaler.kubernetes.io/safe-to-evict'],
    localData: pod.volumes === 'EmptyDir' || pod.volumes === 'EmptyDirAndClaim',
  }
}

/** A pod as the API server gives it, with the grace period that a forced deletion goes by. */
export function rawToDrainPod(raw: RawPod, ownNamespace: string | undefined): DrainPod {
  return { ...toDrainPod(projectPod(raw), ownNamespace), gracePeriodSeconds: raw.spec?.terminationGracePeriodSeconds }
}

/** Whether anything of the pod has to be detached after it. */
export function hasClaim({ volumes }: Pick<PodSummary, 'volumes'>): boolean {
  return volumes === 'Claim' || volumes === 'EmptyDirAndClaim'
}
