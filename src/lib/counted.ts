/** `1 node`, `2 nodes`, and `an unknown number of nodes` without a count. `noun`: the singular of one that takes an s. */
export function counted(count: number | undefined, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count ?? 'an unknown number of'} ${noun}s`
}
