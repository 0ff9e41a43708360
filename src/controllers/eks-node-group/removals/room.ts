/** As many as the schema of the status takes: one more, and the whole status would be refused from then on. */
export const mostRemovals = 200

/** What is new on the list waits until there is room for it: nothing has happened to it yet. `before` is what stands there now. */
export function asManyAsFit<T extends { readonly instanceId: string }>(removals: readonly T[], before: readonly T[]): readonly T[] {
  if (removals.length <= mostRemovals) return removals
  const known = new Set(before.map(({ instanceId }) => instanceId))
  return removals.toSorted((a, b) => Number(known.has(b.instanceId)) - Number(known.has(a.instanceId))).slice(0, mostRemovals)
}
