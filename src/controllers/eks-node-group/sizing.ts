import type { NodeGroupScaling } from '../../aws/eks/port.ts'

/** What a spec says about sizes. */
export interface SizeWish {
  readonly minSize: number
  readonly maxSize: number
  /** Absent: keep what is there, or start with the minimum. */
  readonly desiredSize?: number | undefined
  readonly sizeOwner: 'Spec' | 'Orders' | 'External'
}

/** What the Auto Scaling group says: the authority (aws-rules B1). */
export interface SizeSeen {
  readonly minSize: number
  readonly maxSize: number
  readonly desiredCapacity: number
}

export interface SizePlan {
  /** Only the numbers to send (aws-rules A3); empty when nothing is to be sent. */
  readonly send: Partial<NodeGroupScaling>
  /** What the group will have afterwards. */
  readonly target: NodeGroupScaling
  /** How many nodes the spec wants, inside its bounds, whoever owns the number: those above it leave by name, never by a lower number (P1). */
  readonly keep: number
  /** Why the count lies outside the spec's bounds, if it does. */
  readonly outsideLimits: string | undefined
}

/**
 * The numbers to send so that the group comes as close to the spec as can be done without AWS choosing a node to kill.
 *
 * Guarantees: the desired count is never lowered, and the maximum is never sent below it; under `External` the count is sent only to lift it to
 * the minimum.
 */
export function planSize(wish: SizeWish, seen: SizeSeen): SizePlan {
  const wanted = wish.sizeOwner === 'External' ? seen.desiredCapacity : (wish.desiredSize ?? seen.desiredCapacity)
  const keep = Math.min(wish.maxSize, Math.max(wish.minSize, wanted))
  const desiredSize = Math.max(keep, seen.desiredCapacity)
  // A maximum below the count that still stands, or a minimum above what is sent, EKS would refuse as a whole.
  // While nodes leave one by one the maximum stays where it is: it would have to follow each of them.
  const maxSize = Math.max(1, wish.maxSize, desiredSize, desiredSize > keep ? seen.maxSize : 0)
  const target: NodeGroupScaling = { minSize: Math.min(wish.minSize, desiredSize), maxSize, desiredSize }
  const send: { -readonly [K in keyof NodeGroupScaling]?: number } = {}
  if (target.minSize !== seen.minSize) send.minSize = target.minSize
  if (target.maxSize !== seen.maxSize) send.maxSize = target.maxSize
  if (target.desiredSize !== seen.desiredCapacity) send.desiredSize = target.desiredSize
  return { send, target, keep, outsideLimits: outsideLimits(wish, seen) }
}

/** Whether both send the same. */
export function sameNumbers(one: SizePlan['send'], other: SizePlan['send']): boolean {
  return one.minSize === other.minSize && one.maxSize === other.maxSize && one.desiredSize === other.desiredSize
}

/** `minimum/number/maximum`, as an operation and the history have sizes. */
export function sizesInWords({ minSize, desiredSize, maxSize }: NodeGroupScaling): string {
  return `${minSize}/${desiredSize}/${maxSize}`
}

/**
 * Whether the sizes that an operation was to bring show (`from` and `to` are `sizesInWords`), whatever the spec wants by now. Pure. Only those count that were
 * to change: a number that merely came along may have been moved by whoever owns it.
 */
export function showsSizes({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }, seen: SizeSeen): boolean {
  const before = from?.split('/') ?? []
  const shown = sizesInWords({ ...seen, desiredSize: seen.desiredCapacity }).split('/')
  return to?.split('/').every((size, index) => size === before[index] || size === shown[index]) === true
}

function outsideLimits(wish: SizeWish, seen: SizeSeen): string | undefined {
  const { desiredCapacity } = seen
  if (desiredCapacity > wish.maxSize) return `the number in AWS is ${desiredCapacity}, maxSize is ${wish.maxSize}`
  if (desiredCapacity < wish.minSize) return `the number in AWS is ${desiredCapacity}, minSize is ${wish.minSize}`
  return undefined
}

/** The number to fill in once where orders own the size and nobody has said one (so that `kubectl scale` has a field to work on). */
export function firstSize(wish: SizeWish, seen: SizeSeen | undefined): number {
  return Math.min(wish.maxSize, Math.max(wish.minSize, seen?.desiredCapacity ?? wish.minSize))
}
