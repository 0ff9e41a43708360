import { type AwsRates, createBudgets } from '../aws/budgets.ts'
import { type Aws, type AwsOptions, createAws } from '../aws/ports.ts'
import { accountOfRole, assumedCredentials } from '../aws/sts/role-sessions.ts'
import type { AwsPlace } from '../controllers/target-cluster/ports.ts'
import { stableHash } from '../lib/hash.ts'

interface Options extends Pick<AwsOptions, 'beforeWrite' | 'clock' | 'log' | 'metrics'> {
  readonly awsRates: Partial<AwsRates>
  /** Instead of the SDK's standard environment. */
  readonly aws: Pick<AwsOptions, 'endpoint' | 'credentials' | 'requestTimeoutMs'>
}

export interface AwsPlaces {
  of(place: AwsPlace): Aws
  close(): Promise<void>
}

/** One set of AWS clients for each region and role, over one set of call budgets. */
export function awsPlaces({ beforeWrite, clock, log, metrics, awsRates, aws }: Options): AwsPlaces {
  const shared = { ...aws, budgets: createBudgets({ clock, metrics, rates: awsRates }), beforeWrite, clock, log, metrics }
  const open = new Map<string, Aws>()
  const make = ({ region, roleArn, externalId }: AwsPlace): AwsOptions => {
    if (roleArn === undefined) return { ...shared, region }
    const role = { roleArn, ...(externalId === undefined ? {} : { externalId }) }
    // Whoever we are assumes it: with the operator's own credentials, from the same region.
    return { ...shared, region, accountId: accountOfRole(role), credentials: assumedCredentials(of({ region }).roleSessions, role, { clock }) }
  }
  const of = (place: AwsPlace): Aws => {
    const { region, roleArn, externalId } = place
    const key = stableHash({ region, roleArn, externalId })
    const known = open.get(key) ?? createAws(make(place))
    open.set(key, known)
    return known
  }
  return {
    of,
    close: async () => {
      await Promise.all([...open.values()].map((one) => one.close()))
      open.clear()
    },
  }
}
