import type { NodeGroupScaling } from '../../aws/eks/port.ts'

/** EKS notices within about a minute what changed at Auto Scaling (aws-rules G1). What it has not noticed after this time it is sent all the same: its refusal says why. */
const noticeMs = 5 * 60_000

/**
 * Whether `send` waits: EKS puts its own numbers beside those that it is sent, and refuses a number outside its bounds ("Minimum capacity 3 can't be greater
 * than desired size 2"). They follow those of Auto Scaling later, and nobody can do anything about such a refusal. `waitedMs`: since it was meant. Pure.
 */
export function waitsForEks(send: Partial<NodeGroupScaling>, eks: NodeGroupScaling, waitedMs: number): boolean {
  const { minSize, maxSize, desiredSize } = { ...eks, ...send }
  return (minSize > desiredSize || desiredSize > maxSize) && waitedMs < noticeMs
}
