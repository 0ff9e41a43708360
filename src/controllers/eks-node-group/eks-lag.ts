import type { NodeGroupScaling } from '../../aws/eks/port.ts'

/** EKS notices within about a minute what changed at Auto Scaling (aws-rules G1). What it has not noticed after this time it is sent all the same, ms. */
export const noticeMs = 5 * 60_000

/** Numbers that EKS and Auto Scaling tell of one group at the same time. */
export interface Numbers {
  /** As EKS tells them. */
  readonly eks: NodeGroupScaling
  /** The number of the Auto Scaling group. */
  readonly desired: number
}

/**
 * For how long EKS has not noticed: from the last change that was seen, since an intent may be hours older, where a freeze held it. Kept as long as the
 * process: another one waits anew.
 */
export class EksLag {
  readonly #seen = new Map<string, { readonly numbers: string; readonly sinceMs: number; readonly lastMs: number }>()

  /** Since when both tell these numbers of the group, ms: 0 at the first look, and at the first after minutes, in which they may have changed and come back. */
  ms(uid: string, { eks, desired }: Numbers, now: Date): number {
    const lastMs = now.getTime()
    for (const [id, seen] of this.#seen) if (lastMs - seen.lastMs > noticeMs) this.#seen.delete(id)
    const numbers = `${eks.minSize}/${eks.desiredSize}/${eks.maxSize} ${desired}`
    const before = this.#seen.get(uid)
    const sinceMs = before?.numbers === numbers ? before.sinceMs : lastMs
    this.#seen.set(uid, { numbers, sinceMs, lastMs })
    return lastMs - sinceMs
  }
}
