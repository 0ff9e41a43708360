const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** A Go duration such as `1h30m` in milliseconds; `undefined` for anything else. Units: h, m, s, ms. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[hms]))+$/.test(text)) return undefined
  let sum = 0
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[hms])/g)) sum += Number(number) * (unitMs[unit] ?? 0)
  return sum
}
