import type { NodeGroupScaling } from '../../aws/eks/port.ts'
import { pollDelayMs, restMs } from './pace.ts'

/** EKS notices within about a minute what changed at Auto Scaling (aws-rules G1). What it has not noticed after this time it is sent all the same. */
const noticeMs = 5 * 60_000
const soonMs = 90_000

interface Numbers {
  /** As EKS tells them. */
  readonly eks: NodeGroupScaling
  /** The number of the Auto Scaling group. */
  readonly desired: number
}

/**
 * For how long EKS has not noticed. From the last change that was seen, and not from when something was meant: that may be hours before, where a freeze held it,
 * while the change was a moment ago. Kept as long as the process: another one waits anew.
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

/**
 * Whether `send` waits: EKS puts its own numbers beside those that it is sent, and refuses a number outside its bounds ("Minimum capacity 3 can't be greater
 * than desired size 2"). They follow those of Auto Scaling later, and nobody can do anything about such a refusal. Nor is it said whether EKS hands the number
 * that it has to Auto Scaling along with bounds: where that one is below
 * `desired`, nodes would end. `waitedMs`: for how long it has not noticed (`EksLag`). Pure.
 */
export function waitsForEks(send: Partial<NodeGroupScaling>, { eks, desired }: Numbers, waitedMs: number): boolean {
  const { minSize, maxSize, desiredSize } = { ...eks, ...send }
  const mayLower = send.desiredSize === undefined && eks.desiredSize < desired
  return (mayLower || minSize > desiredSize || desiredSize > maxSize) && waitedMs < noticeMs
}

/** When to look again at the numbers that EKS tells, ms: soon while it may notice at any moment, and then at the pace of rest. */
export function eksAgainMs(waitedMs: number): number {
  return waitedMs < soonMs ? pollDelayMs(waitedMs) : restMs
}
