/**
 * The same value with each half of a surrogate pair replaced (U+FFFD): what is cut to a length may end in one, and no server stores it as it is, so that it would
 * count as changed for ever. Of plain JSON.
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed() as T
  if (Array.isArray(value)) return value.map((each: unknown) => wellFormed(each)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]: [string, unknown]) => [name, wellFormed(each)])) as T
}
