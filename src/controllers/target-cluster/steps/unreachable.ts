import type { TargetPass } from '../pass.ts'
import { type Unreachable, unreachableAfterMs } from '../targets.ts'

export interface Gap extends Pick<Unreachable, 'what' | 'reason'> {
  /** The server's own words. */
  readonly words?: string
  /** For how long it has lasted already, as far as somebody else knows. */
  readonly forMs?: number
  /** What people can look at. */
  readonly remedy: string
}

/** Behind a load balancer that is half down each try may fail for a reason of its own: one is told for so long before another is. */
const reasonStaysMs = 300_000

/**
 * The API server does not do what is needed. Says so once that has lasted for a minute, whatever it was in turn: shorter gaps are nobody's news. Words of
 * the server that change with each try (ports, ids) are not repeated: the first ones stay as long as the reason is the same, and the reason for a while (P7).
 */
export function unreachable({ draft: { conditions }, facts, deps }: TargetPass, { what, reason, words, forMs = 0, remedy }: Gap): void {
  const now = deps.now().getTime()
  const before = facts.unreachable
  const isTold = before?.what === what && (before.reason === reason || now - before.toldSince.getTime() < reasonStaysMs)
  const told = isTold ? before : { what, reason, why: words === undefined ? reason : `${reason}: ${words}`, toldSince: new Date(now) }
  facts.unreachable = { ...told, since: before?.since ?? new Date(now - forMs) }
  const { why } = told
  if (now - facts.unreachable.since.getTime() < unreachableAfterMs && conditions.isTrue('KubernetesReachable')) return
  conditions.setFalse('KubernetesReachable', 'ClusterUnreachable', `the API server ${what} (${why}), which is tried every 30 s: ${remedy}`)
  conditions.readyUnknown('ClusterUnreachable', `the API server of the target ${what}: ${remedy}`)
}
