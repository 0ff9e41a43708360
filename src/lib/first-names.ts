/** `a, b, c and 4 more`: the first of several names in the order given, at most `most` of them; all where there are no more, and nothing of none. */
export function firstNames(names: readonly string[], most = 3): string {
  const more = names.length - most
  return `${names.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `a: why; b: why; and 4 more`: clauses about the first of `total` things. The clauses alone where there are no more; a `total` below their number counts as it. */
export function firstClauses(clauses: readonly string[], total: number): string {
  const more = total - clauses.length
  return [...clauses, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}
