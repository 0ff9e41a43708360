import { describe, expect, it } from 'vitest'
import type { Node } from '../../kube/objects.ts'
import { createNodegroup } from '../eks/create-nodegroup.ts'
import { testRegion } from '../test-region.ts'
import { nodeObject, nodeStatus } from './node-object.ts'
import { type Member, membersOf, placesOf, planJoins } from './plan.ts'

const everywhere = (): boolean => true

/** A region with a group of two nodes that have booted, and what the joiner makes of it. */
function joinedPair(): { readonly members: readonly Member[]; readonly places: ReadonlySet<string> } {
  const { region, cluster, advance } = testRegion()
  const scalingConfig = { minSize: 0, maxSize: 4, desiredSize: 2 }
  const nodeRole = 'arn:aws:iam::111122223333:role/demo-node'
  createNodegroup(region, cluster, { clusterName: 'demo', nodegroupName: 'workers', subnets: ['subnet-0a1b2c3d4e5f60001'], nodeRole, scalingConfig })
  advance(120)
  return { members: membersOf([region], everywhere), places: placesOf([region], everywhere) }
}

function nodeOf({ region, cluster, nodegroup, instance }: Member, change: { readonly place?: string; readonly providerID?: string } = {}): Node {
  const { metadata, spec, status } = nodeObject(region, cluster, nodegroup, instance) as Node
  const annotations = { ...metadata.annotations, ...(change.place === undefined ? {} : { 'simulator.tidegate.io/place': change.place }) }
  return {
    metadata: { ...metadata, uid: 'u', resourceVersion: '1', annotations },
    spec: { ...spec, ...(change.providerID === undefined ? {} : { providerID: change.providerID }) },
    ...(status === undefined ? {} : { status }),
  }
}

describe('planJoins', () => {
  const { members, places } = joinedPair()
  const [first, second] = members as readonly [Member, Member]

  it('joins what has no node', () => {
    expect(planJoins(members, [nodeOf(first)], places).join.map(({ instance }) => instance.id)).toEqual([second.instance.id])
  })

  it('rests when everything has its node', () => {
    expect(
      planJoins(
        members,
        members.map((member) => nodeOf(member)),
        places,
      ),
    ).toEqual({ join: [], remove: [], change: [], blocked: [] })
  })

  it('removes the node of an instance that is gone', () => {
    expect(
      planJoins(
        [first],
        members.map((member) => nodeOf(member)),
        places,
      ).remove.map(({ metadata }) => metadata.name),
    ).toEqual([second.instance.privateDnsName])
  })

  it.each([
    { whose: 'of another account', node: nodeOf(second, { place: '999900001111/us-west-2/demo' }) },
    { whose: 'that carries no place', node: nodeOf(second, { place: '' }) },
    { whose: 'that has no provider id of EC2', node: nodeOf(second, { providerID: 'kind://docker/a/b' }) },
  ])('never removes a node $whose', ({ node }) => {
    expect(planJoins([first], [nodeOf(first), node], places).remove).toEqual([])
  })

  it('waits while a stranger holds the name', () => {
    const stranger = nodeOf(first, { place: '', providerID: 'aws:///us-west-2a/i-00000000000000000' })
    const plan = planJoins([first], [stranger], places)
    expect([plan.join, plan.remove, plan.blocked.length]).toEqual([[], [], 1])
  })

  it('takes the name over from an instance that is gone', () => {
    const stale = nodeOf(first, { providerID: 'aws:///us-west-2a/i-00000000000000000' })
    const plan = planJoins([first], [stale], places)
    expect([plan.join.length, plan.remove.length, plan.blocked]).toEqual([1, 1, []])
  })
})

describe('nodeStatus', () => {
  it('leaves devices to their plugins', () => {
    const [member] = joinedPair().members
    if (member === undefined) throw new Error('no member')
    const status = nodeStatus({ ...member.instance, type: 'p5.48xlarge' }) as NonNullable<Node['status']>
    expect(Object.keys(status.capacity ?? {}).toSorted()).toEqual(['cpu', 'ephemeral-storage', 'hugepages-1Gi', 'hugepages-2Mi', 'memory', 'pods'])
  })
})
