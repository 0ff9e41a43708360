const pattern = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/
const nanoPerUnit = 1_000_000_000n

const binary: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }
const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/**
 * A quantity (`250m`, `1.5Gi`, `1e3`) in billionths, rounded up as the API server does; `undefined` when it is none.
 *
 * Source: apimachinery pkg/api/resource/quantity.go: decimal and binary suffixes, exponents, nothing finer than a billionth.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, sign, number = '', exponent, suffix = ''] = match
  const [whole = '', fraction = ''] = number.split('.')
  const power = (exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent.slice(1))) + 9 - fraction.length
  // nobody has that much or that little of anything, and 10n ** a large number would take all memory
  if (Math.abs(power) > 60) return undefined
  const digits = BigInt(`${whole}${fraction}`) * 1024n ** BigInt(binary[suffix] ?? 0)
  const size = power >= 0 ? digits * 10n ** BigInt(power) : ceilDivide(digits, 10n ** BigInt(-power))
  return sign === '-' ? -size : size
}

/** Away from zero, as the API server rounds. */
function ceilDivide(value: bigint, by: bigint): bigint {
  return (value < 0n ? value - by + 1n : value + by - 1n) / by
}

/** Thousandths (CPU), rounded up; 0 for what is absent or no quantity. */
export function milliOf(text: string | undefined): number {
  return Number(ceilDivide(parseQuantity(text ?? '0') ?? 0n, nanoPerUnit / 1000n))
}

/** Whole units (bytes, devices, pods), rounded up; 0 for what is absent or no quantity. */
export function wholeOf(text: string | undefined): number {
  return Number(ceilDivide(parseQuantity(text ?? '0') ?? 0n, nanoPerUnit))
}
