import { type KubeError, isKubeError } from '../kube/kube-error.ts'
import type { Blocker } from '../scaling/drain/blocker.ts'
import { type DrainPod, podKey } from '../scaling/drain/pod.ts'
import { cut } from '../lib/cut.ts'

/** How a call about a pod ended, and how soon another makes sense. */
export type Outcome =
  | { readonly kind: 'Accepted' }
  | { readonly kind: 'Gone' }
  | {
      readonly kind: 'Held'
      /** For the metric. */
      readonly result: 'budget' | 'severalBudgets' | 'namespaceTerminating' | 'forbidden' | 'replaced' | 'refused' | 'unjudged' | 'noAnswer'
      /** Absent where a person has nothing to see: it is repeated soon. */
      readonly blocker: Blocker | undefined
      /** Pods with the same one are refused together: only a few of them are tried again at a time. */
      readonly budget?: string
      readonly firstRetryMs: number
      readonly lastRetryMs: number
    }

type Held = Extract<Outcome, { readonly kind: 'Held' }>

interface Details {
  readonly kind?: string
  readonly name?: string
  readonly causes?: readonly { readonly reason?: string; readonly message?: string }[]
}

/**
 * What the API server's answer to an eviction, or to a forced deletion, means. `undefined` for what is no answer of its: then the pass ends.
 *
 * Source: pkg/registry/core/pod/storage/eviction.go (1.36), and the integration tests.
 */
export function outcomeOf(error: unknown, pod: DrainPod, act: 'Evict' | 'Delete'): Outcome | undefined {
  if (!isKubeError(error)) return undefined
  const details = (error.details ?? {}) as Details
  const { causes = [] } = details
  const retryMs = error.retryAfterMs ?? 0
  if (error.isPage) return unjudged(pod, error)
  switch (error.status) {
    case 404:
      if (details.kind === 'pods' && details.name === pod.name && !isByAdmission(error)) return { kind: 'Gone' }
      // something else is: a budget that was deleted while the server wrote it, or what a webhook makes of its no
      return { kind: 'Held', result: 'refused', blocker: refused(pod, error.message), firstRetryMs: 1000, lastRetryMs: 20_000 }
    case 409:
      if (isByAdmission(error)) break
      // another pod has the name by now; the cache will show it
      return { kind: 'Held', result: 'replaced', blocker: undefined, firstRetryMs: 1000, lastRetryMs: 10_000 }
    case 429: {
      const budget = refusingBudget(error)
      if (budget === undefined) break
      return { kind: 'Held', result: 'budget', ...ofBudget(pod, budget), firstRetryMs: Math.max(1000, retryMs), lastRetryMs: 20_000 }
    }
    case 500:
      if (!error.message.includes('more than one PodDisruptionBudget') && !causes.some(({ message }) => message?.includes('more than one PodDisruptionBudget')))
        break
      return { kind: 'Held', result: 'severalBudgets', blocker: ofSeveral(pod), firstRetryMs: 20_000, lastRetryMs: 60_000 }
    case 403: {
      if (causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
        return { kind: 'Held', result: 'namespaceTerminating', blocker: ofNamespace(pod), firstRetryMs: 5000, lastRetryMs: 30_000 }
      }
      // the authorizer says it before any budget is asked
      const asked = act === 'Delete' || isByAdmission(error) || !isMissingRight(error, 'create', 'pods/eviction')
      const blocker = act === 'Delete' && isMissingRight(error, 'delete', 'pods') ? notPermitted(pod) : refused(pod, error.message)
      return { kind: 'Held', result: asked ? 'forbidden' : 'unjudged', blocker, firstRetryMs: 20_000, lastRetryMs: 60_000 }
    }
    case 400:
    case 422:
      return { kind: 'Held', result: 'refused', blocker: refused(pod, error.message), firstRetryMs: 5000, lastRetryMs: 60_000 }
    default:
  }
  if (!isByAdmission(error)) return unjudged(pod, error)
  return { kind: 'Held', result: 'refused', blocker: refused(pod, error.message), firstRetryMs: Math.max(1000, retryMs), lastRetryMs: 20_000 }
}

/** Whether a disruption budget refused an eviction: the answer that a drain waits with, for as long as it takes. */
export function isHeldByBudget(error: unknown): boolean {
  return isKubeError(error) && !error.isPage && error.status === 429 && refusingBudget(error) !== undefined
}

function refusingBudget({ details }: KubeError): string | undefined {
  return (details as Details | undefined)?.causes?.find(({ reason }) => reason === 'DisruptionBudget')?.message
}

/**
 * What says nothing about the pod, whose budget nobody asked (P3): too much to do, a token that was not taken (401), a proxy that reaches no API server, a
 * connection that was lost, or 500, which is what etcd between two leaders becomes (`etcdserver: leader changed`), and a webhook that nobody answers for
 * (`failed calling webhook`). The eviction may have happened, and asking again is harmless.
 */
function unjudged(pod: DrainPod, { status, reason, message, retryAfterMs = 0 }: KubeError): Held {
  const words = status === 500 ? message : `the API server answered ${status} ${reason} (${podKey(pod)})`
  return {
    kind: 'Held',
    result: status === 0 ? 'noAnswer' : 'unjudged',
    blocker: status === 0 ? undefined : refused(pod, words),
    firstRetryMs: Math.max(1000, retryAfterMs),
    lastRetryMs: 20_000,
  }
}

/** The words are the authorizer's (apiserver pkg/endpoints/handlers/responsewriters/errors.go); a webhook or a policy says 403 too, and a role mends neither. */
function isMissingRight({ message }: KubeError, verb: string, resource: string): boolean {
  return message.includes(`cannot ${verb} resource "${resource}"`)
}

/** A webhook may choose any status, a policy a few, 401 too; the words are the API server's (admission/errors, ToStatusErr; policy/validating, policy_decision). */
function isByAdmission({ message }: KubeError): boolean {
  return (
    /^admission webhook ".*" denied the request/.test(message) ||
    (message.includes(" is forbidden: ValidatingAdmissionPolicy '") && message.includes(' denied request: '))
  )
}

/** Whether the API server, or whom it asked, looked at this call and said no. */
export function isRefusal({ result }: Held): boolean {
  return result !== 'replaced' && result !== 'unjudged' && result !== 'noAnswer'
}

/**
 * The name stands nowhere but in the text: "The disruption budget web needs 3 healthy pods and has 3 currently" (createTooManyRequestsError). What is longer
 * than a name is none.
 */
function ofBudget(pod: DrainPod, text: string): { readonly blocker: Blocker; readonly budget: string } {
  const name = /disruption budget (\S{1,253}) /.exec(text)?.[1]
  const budget = `${pod.namespace}/${name ?? '?'}`
  const by = `PodDisruptionBudget ${budget}`
  const message = `pod ${podKey(pod)} is held by ${by}: waits until more of its pods are healthy elsewhere (kubectl describe pdb -n ${pod.namespace} ${name ?? ''})`
  return { blocker: { pod: podKey(pod), reason: 'DisruptionBudget', by, message }, budget }
}

function ofSeveral(pod: DrainPod): Blocker {
  const by = `PodDisruptionBudgets in ${pod.namespace}`
  const message = `pod ${podKey(pod)} is selected by several PodDisruptionBudgets, and then Kubernetes evicts it never: leave one of them (kubectl get pdb -n ${pod.namespace})`
  return { pod: podKey(pod), reason: 'SeveralDisruptionBudgets', by, message }
}

function ofNamespace(pod: DrainPod): Blocker {
  const by = `Namespace ${pod.namespace}`
  const message = `pod ${podKey(pod)} goes with its namespace, which is being deleted: waits for it (kubectl describe namespace ${pod.namespace})`
  return { pod: podKey(pod), reason: 'NamespaceTerminating', by, message }
}

function notPermitted(pod: DrainPod): Blocker {
  const message = `pod ${podKey(pod)} may not be deleted by us: bind the ClusterRole tidegate-force-drain in the target cluster, or set onTimeout to Wait or Fail`
  return { pod: podKey(pod), reason: 'ForceNotPermitted', by: 'ClusterRole tidegate-force-drain', message }
}

/** Of the server's words as many as a person reads: a webhook may say hundreds of KiB, and each of its pods would hold them. */
const mostWords = 1024

function refused(pod: DrainPod, why: string): Blocker {
  return {
    pod: podKey(pod),
    reason: 'EvictionRefused',
    by: 'API server',
    message: `pod ${podKey(pod)} was not evicted, which is tried again; mend what is said: ${cut(why, mostWords)}`,
  }
}
