import type { NodeGroupScaling } from '../../aws/eks/port.ts'
import { pollDelayMs, unsharedMs } from './pace.ts'

/** EKS notices within about a minute what changed at Auto Scaling (aws-rules G1). What it would refuse after this time it is sent all the same: its refusal says why. */
const noticeMs = 5 * 60_000

/**
 * Whether `send` waits: EKS puts its own numbers beside those that it is sent, and refuses a number outside its bounds ("Minimum capacity 3 can't be greater
 * than desired size 2"). They follow those of Auto Scaling later, and nobody can do anything about such a refusal. Nor is it said whether EKS hands the number
 * that it has to Auto Scaling along with bounds: where that one is below `desired`, the number of the Auto Scaling group, nodes would end, and it waits however long
 * that takes. `waitedMs`: since it was meant. Pure.
 */
export function waitsForEks(
  send: Partial<NodeGroupScaling>,
  { eks, desired }: { readonly eks: NodeGroupScaling; readonly desired: number },
  waitedMs: number,
): boolean {
  const { minSize, maxSize, desiredSize } = { ...eks, ...send }
  const fits = minSize <= desiredSize && desiredSize <= maxSize
  return fits ? send.desiredSize === undefined && eks.desiredSize < desired : waitedMs < noticeMs
}

/** When to look again at the numbers that EKS tells, ms: soon at first, and seldom where it does not seem to notice at all. */
export function eksAgainMs(waitedMs: number): number {
  return waitedMs < noticeMs ? pollDelayMs(waitedMs) : unsharedMs
}
