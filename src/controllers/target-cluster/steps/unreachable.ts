import type { TargetPass } from '../pass.ts'
import { type Unreachable, unreachableAfterMs } from '../targets.ts'

export interface Gap extends Pick<Unreachable, 'what' | 'reason' | 'remedy'> {
  /** The server's own words. */
  readonly words?: string
  /** For how long it has lasted already, as far as somebody else knows. */
  readonly forMs?: number
}

/** Behind a load balancer that is half down each try may fail in a way of its own: one is told for so long before another is. */
const staysMs = 300_000

/**
 * The API server does not do what is needed. Says so once that has lasted for a minute, whatever it was in turn: shorter gaps are nobody's news. What was
 * told stays for a while, and the words of the server, which change with each try (ports, ids), for as long as the reason is the same (P7).
 */
export function unreachable({ draft: { conditions }, facts, deps }: TargetPass, gap: Gap): void {
  const now = deps.now()
  const before = facts.unreachable
  const since = before?.since ?? new Date(now.getTime() - (gap.forMs ?? 0))
  const isNews = now.getTime() - since.getTime() >= unreachableAfterMs || !conditions.isTrue('KubernetesReachable')
  const told = before !== undefined && stays(before, gap, now) ? before : inWords(gap)
  facts.unreachable = isNews ? { toldSince: now, ...told, since } : { ...told, since }
  if (!isNews) return
  const { what, why, remedy } = told
  conditions.setFalse('KubernetesReachable', 'ClusterUnreachable', `the API server ${what} (${why}), which is tried every 30 s: ${remedy}`)
  conditions.readyUnknown('ClusterUnreachable', `the API server of the target ${what}: ${remedy}`)
}

function stays({ toldSince, what, reason }: Unreachable, gap: Gap, now: Date): boolean {
  if (toldSince === undefined) return false
  return (what === gap.what && reason === gap.reason) || now.getTime() - toldSince.getTime() < staysMs
}

function inWords({ what, reason, words, remedy }: Gap): Omit<Unreachable, 'since'> {
  return { what, reason, why: words === undefined ? reason : `${reason}: ${words}`, remedy }
}
