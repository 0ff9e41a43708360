import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'

/** What an instance costs, as a TargetCluster says it; amounts are decimal strings with at most six places. */
export interface Price {
  readonly instanceType: string
  readonly hourly: string
  readonly currency: string
}

type Cost = Omit<NonNullable<EksNodeGroupStatus['cost']>, 'pricedAt'>

const unknown: Cost = { basis: 'Unknown' }

/** A capacity block is paid for when it is bought, whatever runs in it (aws-rules F). Its fee is not known here. */
export const prepaid: Cost = { hourly: '0', basis: 'Prepaid' }

/** The most that `status.cost.hourly` holds. */
const longest = 16

/**
 * What `instances` cost in an hour, given by their types; `undefined` for one whose type nobody knows. Exact: no floats. `types` are those that the
 * group may have, which tell the currency of a group without instances.
 *
 * Unknown is unknown, never 0 (aws-rules F): one type without a price, or two currencies, and nothing is said of the sum.
 */
export function costOf(prices: readonly Price[], instances: readonly (string | undefined)[], types: readonly string[]): Cost {
  const byType = new Map(prices.map((price) => [price.instanceType, price]))
  const needed = new Set(instances.length === 0 ? types : instances)
  const found = [...needed].map((type) => (type === undefined ? undefined : byType.get(type)))
  const currencies = new Set(found.map((price) => price?.currency))
  const [currency] = currencies
  if (currencies.size !== 1 || currency === undefined) return unknown
  let sum = 0n
  for (const type of instances) sum += micros(byType.get(type ?? '')?.hourly ?? '0')
  const hourly = decimal(sum)
  return hourly.length > longest ? unknown : { hourly, currency, basis: 'Override' }
}

/** `"3.072"` → 3072000. */
function micros(amount: string): bigint {
  const [whole = '0', places = ''] = amount.split('.')
  return BigInt(whole) * 1_000_000n + BigInt(places.padEnd(6, '0'))
}

function decimal(amount: bigint): string {
  const places = String(amount % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const whole = String(amount / 1_000_000n)
  return places === '' ? whole : `${whole}.${places}`
}
