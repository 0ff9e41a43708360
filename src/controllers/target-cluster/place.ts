import type { TargetClusterSpec } from '../../crds/target-cluster.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import type { AwsPlace } from './ports.ts'

/** Where, and as whom, AWS is asked about a target. */
export function placeOf({ aws: { region, roleArn, externalId } }: Frozen<Pick<TargetClusterSpec, 'aws'>>): AwsPlace {
  return { region, ...(roleArn === undefined ? {} : { roleArn }), ...(externalId === undefined ? {} : { externalId }) }
}

export function isSamePlace(one: AwsPlace, other: AwsPlace): boolean {
  return one.region === other.region && one.roleArn === other.roleArn && one.externalId === other.externalId
}
