import type { NodeGroupScaling } from '../../aws/eks/port.ts'
import { type Numbers, noticeMs } from './eks-lag.ts'
import { pollDelayMs, restMs } from './pace.ts'

/** So long EKS may notice at any moment (aws-rules G1). */
const noticesSoonMs = 90_000

/**
 * Whether `send` waits until EKS has noticed what Auto Scaling has, since EKS puts its own numbers beside those that it is sent. It would refuse bounds that its
 * number is outside of ("Minimum capacity 3 can't be greater than desired size 2"), which nobody can do anything about. And it may hand its number on together
 * with the bounds: where that one is below `desired`, nodes would end. `waitedMs`: for how long EKS has not noticed (`EksLag`). Pure.
 */
export function waitsForEks(send: Partial<NodeGroupScaling>, { eks, desired }: Numbers, waitedMs: number): boolean {
  const { minSize, maxSize, desiredSize } = { ...eks, ...send }
  const mayLower = send.desiredSize === undefined && eks.desiredSize < desired
  return (mayLower || minSize > desiredSize || desiredSize > maxSize) && waitedMs < noticeMs
}

/** When to look again at the numbers that EKS tells, ms: soon while it may notice at any moment, and then at the pace of rest. */
export function eksAgainMs(waitedMs: number): number {
  return waitedMs < noticesSoonMs ? pollDelayMs(waitedMs) : restMs
}
