import type { Region } from '../region.ts'
import type { Cluster, ScalingGroup } from '../state.ts'
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
    clusters: [...region.clusters.values()].map(clusterView),
    scalingGroups: [...region.scalingGroups.values()].map(scalingGroupView),
    instances: [...region.instances.values()],
    subnets: [...region.subnets.values()],
    launchTemplates: [...region.launchTemplates.values()],
    roles: [...region.account.roles.values()],
  }
}

function clusterView({ nodegroups, tokens: _tokens, ...cluster }: Cluster): object {
  return { ...cluster, nodegroups: [...nodegroups.values()] }
}

function scalingGroupView({ suspended, instanceIds, localTags, ...group }: ScalingGroup): object {
  return { ...group, suspended: [...suspended], instanceIds: [...instanceIds], localTags: [...localTags] }
}
