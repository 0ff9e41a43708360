/** One measured thing. Times are never asserted: machines differ; a ratio to a peer in the same run carries over. */
export interface Figure {
  readonly case: string
  readonly figure: string
  readonly unit: 'ms' | 's' | 'MiB' | 'bytes' | 'ratio' | 'count'
  readonly values: readonly number[]
  /** What the issue asks for, in words: `< 220`, `≤ 2 × peer`. */
  readonly target?: string
  /** The same from another program in the same run. */
  readonly peer?: { readonly name: string; readonly values: readonly number[] }
  readonly conditions: Readonly<Record<string, string | number>>
}

/** A figure as it is printed: one line of JSON. */
export interface FigureLine extends Omit<Figure, 'values' | 'peer'>, Spread {
  readonly values: readonly number[]
  readonly peer?: Spread & { readonly name: string; readonly values: readonly number[] }
  /** Median over the peer's median. */
  readonly ratio?: number
}

interface Spread {
  readonly n: number
  readonly min: number
  readonly median: number
  readonly max: number
}

/** The value that `share` of all values do not exceed: the nearest rank, as the Go programs take it. `NaN` for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** The middle value, or the mean of the two in the middle. `NaN` for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Three digits after the point at most: more is noise. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}

function spread(values: readonly number[]): Spread {
  return { n: values.length, min: rounded(Math.min(...values)), median: rounded(median(values)), max: rounded(Math.max(...values)) }
}

export function lineOf(figure: Figure): FigureLine {
  const { values, peer, ...rest } = figure
  const own = { ...rest, ...spread(values), values: values.map(rounded) }
  if (peer === undefined || peer.values.length === 0) return own
  const theirs = { name: peer.name, ...spread(peer.values), values: peer.values.map(rounded) }
  return { ...own, peer: theirs, ratio: rounded(median(values) / median(peer.values)) }
}
