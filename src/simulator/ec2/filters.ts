import Type from 'typebox'
import { pageOf } from '../paging.ts'
import type { Quotas } from '../scenario/schema.ts'
import { ServiceError } from '../service-error.ts'

const closed = { additionalProperties: false } as const

/** `Filter.1.Name`, `Filter.1.Value.1` as EC2 writes them, and paging. */
export const filterMembers = {
  Filter: Type.Optional(Type.Array(Type.Object({ Name: Type.String(), Value: Type.Array(Type.String()) }, closed))),
  MaxResults: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  NextToken: Type.Optional(Type.String()),
  DryRun: Type.Optional(Type.Boolean()),
}

export type Filters = readonly { readonly Name: string; readonly Value: readonly string[] }[]
/** The values that an item has under a filter's name; `tag:<key>` is looked up under `tag:`. */
export type Filterable<T> = Readonly<Record<string, (item: T, key: string) => readonly string[]>>

/**
 * Items that pass every filter; a filter passes when one of its values fits (`*` and `?` are wildcards).
 *
 * @throws ServiceError `InvalidParameterValue` for a filter that is not modelled.
 */
export function applyFilters<T>(items: readonly T[], filters: Filters, known: Filterable<T>): readonly T[] {
  return filters.reduce<readonly T[]>((left, { Name, Value }) => {
    const colon = Name.indexOf(':')
    const read = known[colon < 0 ? Name : Name.slice(0, colon + 1)]
    if (read === undefined) throw new ServiceError('InvalidParameterValue', 400, `The filter '${Name}' is invalid`)
    const patterns = Value.map(wildcard)
    return left.filter((item) => read(item, Name.slice(colon + 1)).some((value) => patterns.some((pattern) => pattern.test(value))))
  }, items)
}

function wildcard(value: string): RegExp {
  return new RegExp(
    `^${value
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )
}

/** One page; EC2 gives everything when no size is asked for, up to 1000. */
export function ec2Page<T>(
  items: readonly T[],
  input: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
  quotas: Pick<Quotas, 'maxPageSize' | 'shortPages'>,
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const result = pageOf(items, { size: Math.min(input.MaxResults ?? 1000, quotas.maxPageSize), token: input.NextToken, short: quotas.shortPages })
  if (result === undefined) throw new ServiceError('InvalidNextToken', 400, 'The token is not valid')
  return { items: result.items, nextToken: result.next }
}

/** Picks by id, in EC2's way: one unknown id refuses the whole call. */
export function byIds<T>(all: ReadonlyMap<string, T>, ids: readonly string[] | undefined, code: string, noun: string): readonly T[] {
  if (ids === undefined || ids.length === 0) return [...all.values()]
  const unknown = ids.filter((id) => !all.has(id))
  if (unknown.length > 0) throw new ServiceError(code, 400, `The ${noun} '${unknown.join(', ')}' do${unknown.length > 1 ? '' : 'es'} not exist`)
  return ids.flatMap((id) => all.get(id) ?? [])
}

export function tagSet(tags: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
