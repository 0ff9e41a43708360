import type { EksNodeGroupSpec, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'

/** A spec as the API server gives it back, defaults filled in; for tests. */
export function aSpec(changed: Partial<ManagedEksNodeGroupSpec> = {}): ManagedEksNodeGroupSpec {
  return {
    targetClusterRef: { name: 'demo' },
    subnetIds: ['subnet-0a1b2c3d4e5f60001'],
    nodeRoleArn: 'arn:aws:iam::111122223333:role/demo-node',
    capacityType: 'OnDemand',
    scaling: { minSize: 1, maxSize: 10, sizeOwner: 'Orders', allowLarge: false },
    update: { approval: 'Manual', force: false },
    scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' },
    policy: { management: 'Manage', adoption: 'CreateOnly' },
    suspend: false,
    ...changed,
  }
}

/** A spec that only watches and says nothing else, as the API server gives it back; for tests. */
export function aWatchingSpec(): EksNodeGroupSpec {
  const { subnetIds: _, nodeRoleArn: _role, scaling: _scaling, ...rest } = aSpec()
  return { ...rest, policy: { management: 'Observe', adoption: 'CreateOnly' } }
}
