import { describe, expect, it } from 'vitest'
import { stateView } from './control/state-view.ts'
import { createNodegroup } from './eks/create-nodegroup.ts'
import { testRegion } from './test-region.ts'

const input = { clusterName: 'demo', nodegroupName: 'workers', subnets: ['subnet-0a1b2c3d4e5f60001'], nodeRole: 'arn:aws:iam::111122223333:role/demo-node' }

function grown(): { readonly state: unknown; readonly world: ReturnType<typeof testRegion>['world'] } {
  const { world, region, cluster, advance } = testRegion()
  createNodegroup(region, cluster, { ...input, scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 3 } })
  advance(300)
  return { world, state: JSON.parse(JSON.stringify(stateView(world))) as unknown }
}

describe('World', () => {
  it('repeats itself to the letter for the same seed', () => {
    expect(grown().state).toEqual(grown().state)
  })

  it('gives every new account a copy of the scenario with ids of its own and a network that no other has', () => {
    const { world } = grown()
    const other = world.region('222233334444', 'us-west-2')
    expect(other.clusters.get('demo')).toMatchObject({ arn: 'arn:aws:eks:us-west-2:222233334444:cluster/demo', status: 'ACTIVE' })
    expect(other.clusters.get('demo')?.nodegroups.size).toBe(0)
    expect(other.account.roles.get('demo-node')?.arn).toBe('arn:aws:iam::222233334444:role/demo-node')
    expect([...other.subnets.values()][0]?.cidrBlock).toBe('10.1.0.0/19')
  })

  it('keeps other regions empty', () => {
    const elsewhere = grown().world.region('111122223333', 'eu-central-1')
    expect([elsewhere.clusters.size, elsewhere.subnets.size]).toEqual([0, 0])
  })

  it('resets one account and leaves the others', () => {
    const { world } = grown()
    const other = world.region('222233334444', 'us-west-2')
    world.reset('111122223333')
    expect(world.region('111122223333', 'us-west-2').scalingGroups.size).toBe(0)
    expect(world.region('222233334444', 'us-west-2')).toBe(other)
  })
})
