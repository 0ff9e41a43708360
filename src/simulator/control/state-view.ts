import type { Region } from '../region.ts'
import type { World } from '../world.ts'

/** The cloud as plain JSON, one entry per account and region. */
export function stateView(world: World, account?: string): object {
  const regions = world.regions().filter((region) => account === undefined || region.account.id === account)
  return { time: world.clock.now().toISOString(), regions: regions.map(regionView) }
}

function regionView(region: Region): object {
  return {
    account: region.account.id,
    region: region.name,
    clusters: [...region.clusters.values()].map(({ nodegroups, updates, tokens: _tokens, ...cluster }) => ({
      ...cluster,
      nodegroups: [...nodegroups.values()],
      updates,
    })),
    scalingGroups: [...region.scalingGroups.values()].map(({ suspended, instanceIds, ...group }) => ({
      ...group,
      suspended: [...suspended],
      instanceIds: [...instanceIds],
    })),
    instances: [...region.instances.values()],
    subnets: [...region.subnets.values()],
    launchTemplates: [...region.launchTemplates.values()],
    roles: [...region.account.roles.values()],
  }
}
