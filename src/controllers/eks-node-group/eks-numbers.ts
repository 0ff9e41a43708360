import type { NodeGroupScaling } from '../../aws/eks/port.ts'
import { type Numbers, noticeMs } from './eks-lag.ts'
import { pollDelayMs, restMs } from './pace.ts'

const soonMs = 90_000

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
