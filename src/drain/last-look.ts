import { isKubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import type { RawPod } from '../kube/pod-summary.ts'
import type { Clock } from '../lib/clock.ts'
import type { Blocker } from '../scaling/drain/blocker.ts'
import { hasToGo } from '../scaling/drain/pod.ts'
import { type Reach, isAsGoodAsGone, reachOf } from '../scaling/drain/reach.ts'
import { type Mark, describeMark, marksOf, sameMark, unmarkLines } from './mark.ts'
import { rawToDrainPod } from './pods.ts'
import type { Attachment, DrainApi, DrainContext } from './ports.ts'
import type { NodeRef } from './request.ts'

export type Look =
  | { readonly kind: 'empty'; readonly node: Node }
  | { readonly kind: 'gone' }
  /** Our mark is not on it any more: pods may land on it while we look. */
  | { readonly kind: 'notIsolated' }
  /** It is not the machine that it was. */
  | { readonly kind: 'changed'; readonly blocker: Blocker }
  /** These have to go, or are going. */
  | { readonly kind: 'pods'; readonly node: Node; readonly pods: readonly RawPod[] }
  | { readonly kind: 'volumes'; readonly node: Node; readonly blocked: readonly Blocker[] }

export interface LookRequest {
  readonly node: NodeRef
  readonly mark: Mark
  /** Whether some pod had a claim; otherwise volumes are asked for only where the Node says that it has any. */
  readonly claims: boolean
  /** Forced: volumes are not waited for. */
  readonly ignoreVolumes: boolean
}

/** The object with this UID, as `Kind namespace/name`, where this management cluster has it. */
export type OwnerOf = (uid: string) => string | undefined

interface LastLookOptions {
  readonly api: DrainApi
  readonly clock: Clock
  readonly ownNamespace: () => string | undefined
  /** Absent where nobody can be asked. */
  readonly ownerOf: OwnerOf | undefined
}

/** How the condition `Ready` of a Node stands. */
export function reachOfNode(node: Node | undefined, now: Date): Reach {
  const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready === undefined) return 'Reachable'
  const { status, lastTransitionTime } = ready
  // of `null`, and it means that nobody set it, `Date` would make 1970
  return reachOf({ status, since: typeof lastTransitionTime === 'string' ? new Date(lastTransitionTime) : undefined }, now)
}

/** One list of attachments serves all nodes that look within this time; none is attached anew to a node without pods. */
const sharedForMs = 1000

/** The last word on whether a node is empty: asks the API server, never the cache. Two calls, and a shared third where volumes matter. */
export class LastLook {
  readonly #api: DrainApi
  readonly #clock: Clock
  readonly #ownNamespace: () => string | undefined
  readonly #ownerOf: OwnerOf | undefined
  #shared: { readonly atMs: number; readonly list: Promise<readonly Attachment[]> } | undefined

  constructor({ api, clock, ownNamespace, ownerOf }: LastLookOptions) {
    this.#api = api
    this.#clock = clock
    this.#ownNamespace = ownNamespace
    this.#ownerOf = ownerOf
  }

  async look({ node: ref, mark, claims, ignoreVolumes }: LookRequest, context: DrainContext): Promise<Look> {
    const node = await this.#api.node(ref.name, context)
    if (node === undefined || node.metadata.uid !== ref.uid) return { kind: 'gone' }
    if (ref.instanceId !== undefined && node.spec.providerID?.split('/').at(-1) !== ref.instanceId) return { kind: 'changed', blocker: changed(ref, node) }
    const marks = marksOf(node)
    const other = marks.find((found) => !sameMark(found, mark))
    if (other !== undefined) return { kind: 'changed', blocker: heldByAnother(ref.name, other, this.#ownerOf) }
    if (marks.length === 0) return { kind: 'notIsolated' }
    const pods = await this.#api.podsOn(ref.name, context)
    const now = this.#clock.now()
    const reach = reachOfNode(node, now)
    const isInTheWay = (raw: RawPod): boolean => {
      const pod = rawToDrainPod(raw, this.#ownNamespace())
      return hasToGo(pod) && !isAsGoodAsGone(pod, reach, now)
    }
    if (pods.some(isInTheWay)) return { kind: 'pods', node, pods }
    if (ignoreVolumes || reach === 'Unreachable' || !(claims || hasVolumes(node))) return { kind: 'empty', node }
    const blocked = await this.#volumes(ref.name, pods, context)
    return blocked.length === 0 ? { kind: 'empty', node } : { kind: 'volumes', node, blocked }
  }

  /** What is still attached, but for the volumes of the pods that stay. */
  async #volumes(node: string, pods: readonly RawPod[], context: DrainContext): Promise<readonly Blocker[]> {
    const all = await this.#attachments(context)
    const attached = new Set(all.flatMap((one) => (one.node === node && one.volume !== undefined ? [one.volume] : [])))
    if (attached.size === 0) return []
    const staying = pods.filter((raw) => !isFinished(raw)).flatMap((raw) => claimsOf(raw))
    for (const volume of await Promise.all(staying.map(async ({ namespace, claim }) => await this.#api.volumeOf(namespace, claim, context)))) {
      if (volume !== undefined) attached.delete(volume)
    }
    return [...attached].toSorted().map((volume) => {
      const by = `PersistentVolume ${volume}`
      const message = `${by} is still attached to node ${node}: waits until it is detached (kubectl get volumeattachments)`
      return { pod: '', reason: 'VolumeAttached', by, message }
    })
  }

  async #attachments(context: DrainContext): Promise<readonly Attachment[]> {
    for (let others = this.#sharedList(); others !== undefined; others = this.#sharedList()) {
      try {
        return await others
      } catch (error) {
        // A list that another caller began is aborted with that one, who may have been frozen: whoever else waited for it begins another.
        if (isKubeError(error) || context.signal.aborted) throw error
      }
    }
    const shared = { atMs: this.#clock.monotonicMs(), list: this.#api.attachments(context) }
    this.#shared = shared
    shared.list.catch(() => {
      if (this.#shared === shared) this.#shared = undefined
    })
    return await shared.list
  }

  #sharedList(): Promise<readonly Attachment[]> | undefined {
    if (this.#shared === undefined || this.#clock.monotonicMs() - this.#shared.atMs > sharedForMs) return undefined
    return this.#shared.list
  }
}

/** Names who holds a node, as far as somebody can be asked. A mark that no object here has may be another management cluster's, so a person decides. */
export function heldByAnother(node: string, mark: Mark, ownerOf: OwnerOf | undefined): Blocker {
  const owner = ownerOf?.(mark.uid)
  return { pod: '', reason: 'NodeHeldByAnother', by: owner ?? describeMark(mark), message: heldInWords(node, mark, { owner, isKnown: ownerOf !== undefined }) }
}

function heldInWords(node: string, mark: Mark, { owner, isKnown }: { readonly owner: string | undefined; readonly isKnown: boolean }): string {
  const what = describeMark(mark)
  if (owner !== undefined) return `node ${node} is held by ${owner} (${what}): waits until that one releases it`
  if (!isKnown) return `node ${node} is held by another object (${what}): waits until that one releases it, or remove the taint if that object is gone`
  return `node ${node} has ${what}, and no object of this management cluster has that UID: unless another one drains the node, take it off: ${unmarkLines(node, mark)}`
}

function changed(ref: NodeRef, node: Node): Blocker {
  const by = `node ${ref.name}`
  const message = `${by} is another machine by now: its providerID is ${node.spec.providerID ?? 'empty'}, and not that of ${ref.instanceId ?? ''}; it is left alone`
  return { pod: '', reason: 'NodeChanged', by, message }
}

function hasVolumes({ status }: Node): boolean {
  return (status?.volumesAttached?.length ?? 0) > 0 || (status?.volumesInUse?.length ?? 0) > 0
}

function isFinished({ status }: RawPod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

function claimsOf({ metadata, spec }: RawPod): readonly { readonly namespace: string; readonly claim: string }[] {
  const { namespace = '', name: pod } = metadata
  return (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim !== undefined) return [{ namespace, claim: persistentVolumeClaim.claimName }]
    // the claim of a generic ephemeral volume is named after pod and volume
    return ephemeral === undefined ? [] : [{ namespace, claim: `${pod}-${name}` }]
  })
}
