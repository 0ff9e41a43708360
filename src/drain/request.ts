import type { Blocker } from '../scaling/drain/blocker.ts'
import type { DrainRules } from '../scaling/drain/rules.ts'
import type { Mark } from './mark.ts'

/** Exactly one node: not another that has its name by now. */
export interface NodeRef {
  readonly name: string
  readonly uid: string
  /** The cloud's id of the machine, with which the Node's providerID ends. Compared in the last look, where it is given. */
  readonly instanceId?: string | undefined
}

/**
 * What a drain remembers, in its caller's status. Plain data. Losing it costs the count of returns, and the deadline counts anew: everything else is found
 * out again from the node.
 */
export interface DrainState {
  readonly step: 'Waiting' | 'Draining' | 'Empty' | 'Failed' | 'Gone'
  /** When the API server took our mark, by its clock or ours, whichever is later, RFC 3339. The drain has begun, and no budget holds it back any more. */
  readonly isolatedAt?: string
  /** Some pod had a volume that has to be detached. */
  readonly claims?: true
  /** Controllers whose pods came although the node is isolated, and how often. */
  readonly returned?: readonly { readonly uid: string; readonly times: number }[]
}

export interface DrainRequest {
  readonly node: NodeRef
  readonly mark: Mark
  readonly rules: DrainRules
  /** See `deadlineOf`. */
  readonly deadline: Date | undefined
  /** What the last pass gave; undefined for the first. */
  readonly state: DrainState | undefined
}

/** What a pass saw. Its texts change only when something other than time has changed. */
export interface DrainProgress {
  /** Pods that have to go and are still there. */
  readonly left: number
  readonly blocked: readonly Blocker[]
  /** One sentence for a condition, with what is in the way and the next step. */
  readonly message: string
}

export type DrainNext =
  /** Nothing to do before then, unless a pod of the node changes. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** More can be done at once. */
  | { readonly kind: 'again' }
  /** The API server has shown, in this pass, that nothing is left that has to go. Hand the node over in this pass, or look again before you do. */
  | { readonly kind: 'empty' }
  /** The deadline has passed, and the rules say that this ends the drain: release the node. */
  | { readonly kind: 'failed' }
  /** There is no such Node any more. */
  | { readonly kind: 'gone' }

export interface DrainResult {
  readonly state: DrainState
  readonly progress: DrainProgress
  readonly next: DrainNext
}

/** A timeout counts from the moment in which the node was isolated, not from the wait for a place. */
export function deadlineOf(state: DrainState | undefined, timeoutMs: number): Date | undefined {
  return state?.isolatedAt === undefined ? undefined : new Date(Date.parse(state.isolatedAt) + timeoutMs)
}
