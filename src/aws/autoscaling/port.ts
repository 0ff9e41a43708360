import type { AwsCallOptions } from '../eks/port.ts'
import type { LaunchFailure } from '../launch-failures.ts'

export interface ScalingInstance {
  readonly instanceId: string
  readonly zone: string
  /** EC2 Auto Scaling's own words: `Pending`, `InService`, `Terminating:Wait`, … */
  readonly lifecycleState: string
  readonly protectedFromScaleIn: boolean
}

/** The authority for a node group's counts (aws-rules B1). */
export interface ScalingGroup {
  readonly name: string
  readonly minSize: number
  readonly maxSize: number
  readonly desiredCapacity: number
  readonly instances: readonly ScalingInstance[]
  readonly suspendedProcesses: readonly string[]
  readonly zones: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** Who operates it, where a service says so (`Operator`). */
  readonly operator?: string
}

/** One launch or termination that the group tried. */
export interface ScalingActivity {
  readonly statusCode: string
  readonly statusMessage: string
  /** RFC 3339. */
  readonly startTime: string
  /** What the words of a failed one mean, where they are known. */
  readonly failure?: LaunchFailure
}

export interface ScalingGroupsPort {
  /** Read fresh, by name: before every write. Absent groups are absent from the answer. */
  describe(names: readonly string[], options: AwsCallOptions): Promise<readonly ScalingGroup[]>
  /** Every group that carries the tag `eks:cluster-name` with this value; one shared sweep of pages of 100, at most `maxAgeMs` old; none is told as it was before what `describe` last saw of it. */
  ofCluster(cluster: string, options: AwsCallOptions & { readonly maxAgeMs: number }): Promise<readonly ScalingGroup[]>
  /** Drops the sweep of a cluster: after an own write, so that no decision is taken on numbers from before it. */
  forget(cluster: string): void
  /** The newest 20 activities, newest first; at most `maxAgeMs` old (default 0: always asks). */
  activities(group: string, options: AwsCallOptions & { readonly maxAgeMs?: number }): Promise<readonly ScalingActivity[]>
}
