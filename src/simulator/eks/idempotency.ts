import type { Cluster } from '../state.ts'
import { eksError } from './errors.ts'

/**
 * Runs `act` once per client token: the same token with the same parameters gets the first answer again, with others an error.
 * Without a token `act` simply runs. An `act` that throws leaves no trace.
 */
export function oncePerToken(cluster: Cluster, operation: string, input: { readonly clientRequestToken?: string | undefined }, act: () => object): object {
  const { clientRequestToken: token, ...params } = input
  if (token === undefined) return act()
  const key = `${operation}/${token}`
  const paramsKey = stable(params)
  const known = cluster.tokens.get(key)
  if (known !== undefined) {
    if (known.paramsKey === paramsKey) return known.answer as object
    throw eksError.invalidParameter(`Idempotent parameters mismatch: the clientRequestToken ${token} was used before with other parameters`)
  }
  const answer = act()
  cluster.tokens.set(key, { paramsKey, answer })
  return answer
}

/** JSON with sorted keys, so that two spellings of one request compare equal. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${stable(member)}`)
    .join(',')}}`
}
