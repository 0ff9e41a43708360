/**
 * One page of a list. Tokens are opaque: the position of the next item, wrapped. A page may hold fewer items than asked for although more are
 * there, as every AWS list may ("A response can contain fewer items than the value specified by MaxRecords").
 *
 * `short` makes some pages shorter than asked for, always the same ones.
 *
 * @returns undefined for a token that no earlier answer gave.
 */
export function pageOf<T>(
  items: readonly T[],
  options: { readonly size: number; readonly token?: string | undefined; readonly short?: boolean },
): { readonly items: readonly T[]; readonly next?: string } | undefined {
  const start = options.token === undefined ? 0 : positionIn(options.token)
  if (start === undefined || start > items.length) return undefined
  const end = start + Math.max(1, options.short === true ? shortened(start, options.size) : options.size)
  const page = items.slice(start, end)
  return end < items.length ? { items: page, next: Buffer.from(`page:${end}`).toString('base64url') } : { items: page }
}

function shortened(start: number, size: number): number {
  return Math.ceil(size / (1 + ((start * 7 + 1) % 3)))
}

function positionIn(token: string): number | undefined {
  const match = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())
  return match === null ? undefined : Number(match[1])
}
