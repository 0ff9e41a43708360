import type { Random } from '../lib/random.ts'
import type { SimulatedClock } from './clock.ts'
import type { FaultBook } from './faults.ts'
import { ec2Id, hex } from './ids.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Cluster, Drain, Instance, LaunchTemplate, Role, ScalingGroup, Subnet } from './state.ts'

/** What one account holds everywhere. */
export interface Account {
  readonly id: string
  /** Second octet of the account's network, so that no two accounts have an address in common. */
  readonly network: number
  readonly roles: Map<string, Role>
  readonly regions: Map<string, Region>
}

/**
 * One account in one region: the unit that handlers work on.
 *
 * `after` runs work later in simulated time and forgets it when the account is reset meanwhile.
 */
export interface Region {
  readonly account: Account
  readonly name: string
  readonly scenario: Scenario
  readonly clock: SimulatedClock
  readonly random: Random
  readonly faults: FaultBook
  readonly subnets: Map<string, Subnet>
  readonly clusters: Map<string, Cluster>
  readonly scalingGroups: Map<string, ScalingGroup>
  readonly instances: Map<string, Instance>
  readonly launchTemplates: Map<string, LaunchTemplate>
  /** What ends a drain that runs, by instance id. */
  readonly drains: Map<string, (outcome: DrainOutcome) => void>
  /** Whether nodes of this EKS cluster are joined somewhere, so that they can be drained. */
  readonly attached: (cluster: string) => boolean
  readonly after: (seconds: number, run: () => void) => void
  /** Told after every change that nodes may show: the joiner looks again. */
  readonly changed: () => void
}

export type DrainOutcome = Extract<Drain['state'], 'Drained' | 'TimedOut'>

type Services = Pick<Region, 'scenario' | 'clock' | 'random' | 'faults' | 'attached' | 'after' | 'changed'>

/** A region of an account; in the scenario's region with what the scenario says, elsewhere empty. */
export function createRegion(account: Account, name: string, services: Services): Region {
  const region: Region = {
    account,
    name,
    ...services,
    subnets: new Map(),
    clusters: new Map(),
    scalingGroups: new Map(),
    instances: new Map(),
    launchTemplates: new Map(),
    drains: new Map(),
  }
  if (name === services.scenario.region) furnish(region)
  return region
}

/** The account's roles as the scenario has them. */
export function createRoles(accountId: string, { scenario, clock, random }: Pick<Region, 'scenario' | 'clock' | 'random'>): Map<string, Role> {
  const createdAt = clock.now()
  return new Map(
    (scenario.roles ?? []).map(({ name, path = '/', trustedServices = ['ec2.amazonaws.com'], trustedAccounts = [], externalId, policies = [] }) => {
      const [arn, id] = [`arn:aws:iam::${accountId}:role${path}${name}`, `AROA${hex(random, 17).toUpperCase()}`]
      return [name, { name, path, arn, id, createdAt, trustedServices, trustedAccounts, externalId, policies }]
    }),
  )
}

function furnish(region: Region): void {
  const { scenario, random, clock, account } = region
  const vpcId = scenario.vpcId ?? ec2Id(random, 'vpc')
  scenario.subnets.forEach(({ id, zone, freeAddresses = 8187, public: isPublic = false }, index) => {
    const cidrBlock = `10.${account.network}.${(index * 32) % 256}.0/19`
    const zoneId = `${zone.slice(0, 2)}w${zone.at(-2) ?? '2'}-az${zone.charCodeAt(zone.length - 1) - 96}`
    region.subnets.set(id, { id, zone, zoneId, vpcId, cidrBlock, public: isPublic, freeAddresses, nextHost: 4 })
  })
  for (const { name, version, status = 'ACTIVE', subnets } of scenario.clusters) {
    region.clusters.set(name, {
      name,
      arn: `arn:aws:eks:${region.name}:${account.id}:cluster/${name}`,
      version,
      endpoint: `https://${hex(random, 32).toUpperCase()}.gr7.${region.name}.eks.amazonaws.com`,
      certificateAuthority: Buffer.from('simulated certificate authority').toString('base64'),
      createdAt: clock.now(),
      roleArn: `arn:aws:iam::${account.id}:role/${name}-cluster`,
      subnetIds: subnets,
      vpcId,
      securityGroupId: ec2Id(random, 'sg'),
      status,
      tags: {},
      nodegroups: new Map(),
      updates: [],
      tokens: new Map(),
    })
  }
  for (const { id, name, versions } of scenario.launchTemplates ?? []) {
    const createdAt = clock.now()
    region.launchTemplates.set(id, {
      id,
      name,
      defaultVersion: 1,
      tags: {},
      versions: versions.map((data, index) => ({ version: index + 1, createdAt, data })),
    })
  }
}
