import type { LaunchFailure } from '../ec2/launch.ts'
import type { Region } from '../region.ts'
import type { Instance, ScalingGroup } from '../state.ts'

/** What a scaling group tells the service that made it. */
export interface ScalingEvents {
  readonly launchFailed?: (region: Region, group: ScalingGroup, failure: LaunchFailure) => void
  readonly inService?: (region: Region, group: ScalingGroup, instance: Instance) => void
  readonly joined?: (region: Region, group: ScalingGroup, instance: Instance) => void
  readonly gone?: (region: Region, group: ScalingGroup, instance: Instance) => void
}
