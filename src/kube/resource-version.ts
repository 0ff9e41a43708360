const decimal = /^(0|[1-9][0-9]*)$/

/**
 * Which of two resource versions of one resource is newer: negative when `a` is older, 0 when they are equal, positive when `a` is newer;
 * `undefined` when either is not a decimal number, and nothing but equality can be said.
 *
 * Source: KEP-5504 (comparable resource versions): decimal numbers of any length without leading zeros, compared as integers; extension API
 * servers may still send opaque ones. The one place that looks into a resource version.
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0
  if (!decimal.test(a) || !decimal.test(b)) return undefined
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}
