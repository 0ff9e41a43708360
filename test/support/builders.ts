import type { EksNodeGroupSpec } from '../../src/crds/eks-node-group-spec.ts'
import type { TargetClusterSpec } from '../../src/crds/target-cluster.ts'
import { account, region } from './simulator.ts'

type Loose<T> = { [K in keyof T]?: (T[K] extends readonly unknown[] ? T[K] : T[K] extends object | undefined ? Loose<NonNullable<T[K]>> : T[K]) | undefined }

/** The three subnets of the simulator's built-in scenario, one in each zone. */
export const subnets = ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60003'] as const

/** The node role of the simulator's built-in scenario. */
export const nodeRole = `arn:aws:iam::${account}:role/demo-node`

/** What the spec of a group may name and the account does not have. */
export const missing = { subnet: 'subnet-0ffffffffffffffff', role: `arn:aws:iam::${account}:role/missing` } as const

/** Namespaces with this label may use `aTargetCluster()`. */
export const allowedLabel = { 'example.com/may-use': 'demo' } as const

export type GroupSpec = Loose<EksNodeGroupSpec>

/** A spec that the simulated cloud can make true: no node, one zone. */
export function anEksNodeGroup(spec: GroupSpec = {}): GroupSpec {
  return {
    targetClusterRef: { name: 'demo' },
    subnetIds: [subnets[0]],
    nodeRoleArn: nodeRole,
    instanceTypes: ['m6i.large'],
    ...spec,
    scaling: { minSize: 0, maxSize: 5, ...spec.scaling },
  }
}

export type TargetSpec = Loose<TargetClusterSpec>

/** The cluster that holds the objects, which is EKS cluster `demo` to the simulated AWS. */
export function aTargetCluster(spec: TargetSpec = {}): TargetSpec {
  return {
    connection: { inCluster: {} },
    aws: { region },
    eksClusterName: 'demo',
    allow: { namespaces: { selector: { matchLabels: { ...allowedLabel } } }, passRoleArns: [nodeRole, missing.role] },
    ...spec,
  }
}
