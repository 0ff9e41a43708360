import { instancesOf } from './autoscaling/members.ts'
import { createNodegroup } from './eks/create-nodegroup.ts'
import { scalingGroupOf } from './eks/lookup.ts'
import type { CreateNodegroupInput } from './eks/schemas.ts'
import type { Region } from './region.ts'
import { demoScenario } from './scenario/demo.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { Instance, Nodegroup, ScalingGroup } from './state.ts'
import { testRegion } from './test-region.ts'

export interface TestGroup extends ReturnType<typeof testRegion> {
  readonly nodegroup: Nodegroup
  readonly group: ScalingGroup
  /** Those that are not gone. */
  readonly members: () => readonly Instance[]
  /** Members by zone letter: `{ a: 2, b: 1, c: 1 }`; only those that stay. */
  readonly zones: () => Readonly<Record<string, number>>
}

/** A node group of `desired` nodes over the zones a, b and c that is ACTIVE, for tests of the rules without HTTP. */
export function testGroup(
  desired: number,
  options: {
    readonly input?: Partial<CreateNodegroupInput>
    readonly scenario?: Scenario
    readonly attached?: boolean
    readonly prepare?: (region: Region) => void
  } = {},
): TestGroup {
  const { input = {}, scenario = demoScenario, attached = false, prepare } = options
  const parts = testRegion(scenario, () => attached)
  const { region, cluster, advance } = parts
  prepare?.(region)
  const nodegroup = createNodegroup(region, cluster, {
    clusterName: 'demo',
    nodegroupName: 'workers',
    subnets: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60003'],
    nodeRole: 'arn:aws:iam::111122223333:role/demo-node',
    scalingConfig: { minSize: 0, maxSize: 20, desiredSize: desired },
    ...input,
  })
  advance(120)
  const group = scalingGroupOf(region, nodegroup)
  if (group === undefined || nodegroup.status !== 'ACTIVE') throw new Error(`the group is ${nodegroup.status}`)
  const members = (): readonly Instance[] => instancesOf(region, group)
  const zones = (): Readonly<Record<string, number>> => {
    const staying = members().filter(({ lifecycle }) => lifecycle === 'InService' || lifecycle === 'Pending')
    return Object.fromEntries(['a', 'b', 'c'].map((letter) => [letter, staying.filter(({ zone }) => zone.endsWith(letter)).length]))
  }
  return { ...parts, nodegroup, group, members, zones }
}
