import type { BlockerReason } from './blocker-reasons.ts'
import { type DrainPod, podKey } from './pod.ts'
import type { DrainRules } from './rules.ts'

/** What keeps a pod on its node, by name, with the next step; the text changes only when the cause does. */
export interface Blocker {
  /** `namespace/name`; empty where it is the node itself. */
  readonly pod: string
  readonly reason: BlockerReason
  /** The object that is in the way: `PodDisruptionBudget team/web`. */
  readonly by: string
  readonly message: string
}

/** For a message: the word that docs/drain.md explains, then what to do. */
export function blockerInWords({ reason, message }: Blocker): string {
  return `${reason}: ${message}`
}

/** How often a pod may come back to an isolated node before we stop evicting it again and again. */
export const maxReturns = 3

/** What in the pod itself, under these rules, says that it must not be evicted; `undefined` when nothing does. */
export function blockerOf(pod: DrainPod, rules: DrainRules, now: Date): Blocker | undefined {
  const name = podKey(pod)
  const block = (reason: BlockerReason, by: string, message: string): Blocker => ({ pod: name, reason, by, message })
  if (isHeld(pod, now)) {
    const by = `annotation karpenter.sh/do-not-disrupt=${pod.doNotDisrupt ?? ''}`
    return block('DoNotDisrupt', by, `pod ${name} carries ${by}: remove the annotation, or wait until the pod ends`)
  }
  if (pod.safeToEvict === 'false') {
    const by = 'annotation cluster-autoscaler.kubernetes.io/safe-to-evict=false'
    return block('NotSafeToEvict', by, `pod ${name} carries ${by}: remove the annotation, or wait until the pod ends`)
  }
  const { controller } = pod
  if (controller === undefined && rules.unmanagedPods === 'Block') {
    return block('UnmanagedPod', `pod ${name}`, `pod ${name} has no controller, nobody would make it anew: ${deleteIt(pod)}, or give it a controller`)
  }
  if (controller !== undefined && runsJobs(controller) && rules.jobs === 'Wait') {
    const by = `${controller.kind} ${pod.namespace}/${controller.name}`
    const lose = controller.kind === rayCluster ? `; where Ray may lose the pod, as one that only serves: ${deleteIt(pod)}` : ''
    return block('JobRunning', by, `pod ${name} of ${by} still runs: wait until it ends, or delete ${by}${lose}`)
  }
  if (pod.localData && rules.emptyDir === 'Block') {
    return block('LocalData', `emptyDir of pod ${name}`, `pod ${name} has data in an emptyDir that would be lost: save what is needed, then ${deleteIt(pod)}`)
  }
  return undefined
}

/**
 * Of a RayJob the pods that work belong to the RayCluster that it makes; a RayService has one, too, and nothing on the pod tells them apart
 * (ray-project/kuberay ray-operator/controllers/ray: `SetControllerReference(&instance, &pod)` in raycluster_controller.go, the labels in common/pod.go).
 */
const rayCluster = 'RayCluster'

/** Whether what makes the pod works on something that has an end. */
function runsJobs({ kind }: NonNullable<DrainPod['controller']>): boolean {
  return kind.endsWith('Job') || kind === rayCluster
}

function deleteIt({ namespace, name }: DrainPod): string {
  return `delete it (kubectl delete pod -n ${namespace} ${name})`
}

/** It came back as often as we allow: whoever makes it tolerates our taint, or passes the scheduler by (`spec.nodeName`), whom alone the taint stops. */
export function toleratesDrain(pod: DrainPod): Blocker {
  const name = podKey(pod)
  const { kind = 'Pod', name: owner = pod.name } = pod.controller ?? {}
  const by = `${kind} ${pod.namespace}/${owner}`
  const message = `pod ${name} of ${by} came back ${maxReturns} times: it tolerates our taint, or names this node in spec.nodeName; narrow its tolerations, take the name out, or scale it down`
  return { pod: name, reason: 'ToleratesDrain', by, message }
}

/** Its grace period ended, and it is still there: a kubelet that does not end it, or a finalizer. */
export function stuckTerminating(pod: DrainPod): Blocker {
  const name = podKey(pod)
  const message = `pod ${name} should have ended: see its finalizers (kubectl get pod -n ${pod.namespace} ${pod.name} -o yaml) and the node's kubelet`
  return { pod: name, reason: 'StuckTerminating', by: `pod ${name}`, message }
}

/**
 * Karpenter takes `true`, and a duration that counts from the start of the pod. What is neither, nor `false`, holds: the safe meaning.
 */
function isHeld({ doNotDisrupt, createdAt }: DrainPod, now: Date): boolean {
  if (doNotDisrupt === undefined || doNotDisrupt === 'false') return false
  const ms = durationMs(doNotDisrupt)
  return ms === undefined || now.getTime() < createdAt.getTime() + ms
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 }

/** `1h30m`; undefined for anything else. */
function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?[hms])+$/.test(text)) return undefined
  let sum = 0
  for (const [, number, unit = 's'] of text.matchAll(/([\d.]+)([hms])/g)) sum += Number(number) * (unitMs[unit] ?? 0)
  return sum
}
