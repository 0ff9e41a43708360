export interface Page<T> {
  readonly items: readonly T[]
  readonly nextToken: string | undefined
}

/** The items of all pages. A short or an empty page is not the last one: only a missing token says so (aws-rules G11). */
export async function allPages<T>(read: (nextToken: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = []
  let nextToken: string | undefined
  do {
    const page = await read(nextToken)
    items.push(...page.items)
    nextToken = page.nextToken === '' ? undefined : page.nextToken
  } while (nextToken !== undefined)
  return items
}
