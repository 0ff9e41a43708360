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

/** One launch or termination, or another change, that the group tried. */
export interface ScalingActivity {
  readonly statusCode: string
  readonly statusMessage: string
  /** It was to launch an instance. */
  readonly isLaunch: boolean
  /** RFC 3339. */
  readonly startTime: string
  /** What the words of a failed one mean, where they are known. */
  readonly failure?: LaunchFailure
}

/**
 * The Auto Scaling groups of one account and region. Errors: `AwsError`; a group that is not there is `NotFound` `AutoScalingGroupNotFound`. After a
 * write no cached answer tells of its group as it was before.
 */
export interface ScalingGroupsPort {
  /** Read fresh, by name: before every write; who asks at the same time as others shares a call with them. Absent groups are absent from the answer. */
  describe(names: readonly string[], options: AwsCallOptions): Promise<readonly ScalingGroup[]>
  /** Every group that carries the tag `eks:cluster-name` with this value; one shared sweep of pages of 100, at most `maxAgeMs` old; none is told as it was before what `describe` last saw of it, and one that was written to since it was read is left out: `describe` tells of it. */
  ofCluster(cluster: string, options: AwsCallOptions & { readonly maxAgeMs: number }): Promise<readonly ScalingGroup[]>
  /** What was read of a group is not told again: after a write that went through EKS, so that no decision is taken on numbers from before it. */
  forget(group: string): void
  /** The newest 20 activities, newest first; at most `maxAgeMs` old (default 0: always asks). */
  activities(group: string, options: AwsCallOptions & { readonly maxAgeMs?: number }): Promise<readonly ScalingActivity[]>
  /**
   * Ends one instance and, with `decrement`, lowers the desired capacity by one: only for an instance that this number counts, else it falls below what
   * runs and AWS ends another one. Sent exactly once, also by the SDK: there is no token, and a second call lowers the count again (aws-rules B4). After a
   * rejection without an answer (`Unavailable`, or the signal's reason) it may have happened; after any other kind it did not.
   *
   * Errors beside the usual: `Invalid` `MinSizeReached` (the count would fall below the group's minimum), `NotFound` `InstanceNotFound`, `Busy`
   * `ScalingInProgress`.
   */
  terminate(instanceId: string, options: AwsCallOptions & { readonly group: string; readonly decrement: boolean }): Promise<void>
  /** Lower than what runs, AWS chooses what it ends: aws-rules B5 says when this may be called. `Invalid` `SizeOutOfBounds` outside minimum and maximum. */
  setDesiredCapacity(group: string, desired: number, options: AwsCallOptions): Promise<void>
  /**
   * Protects instances from scale-in, or takes that back; 50 a call, so that after an error some of many may be done. Repeating it is harmless. One
   * instance that is not there refuses the call (`NotFound` `InstanceNotFound`), as does one that is not in service (`Busy` `ScalingInProgress`).
   */
  protect(group: string, instanceIds: readonly string[], options: AwsCallOptions & { readonly protected: boolean }): Promise<void>
  /** Suspends these processes (`AZRebalance`); none does nothing. Suspending one that is suspended is no error. */
  suspend(group: string, processes: readonly string[], options: AwsCallOptions): Promise<void>
  /** Resumes these processes, whoever suspended them; none does nothing. */
  resume(group: string, processes: readonly string[], options: AwsCallOptions): Promise<void>
  /** Sets tags of the group itself, which its instances do not get; other tags stay. */
  tag(group: string, tags: Readonly<Record<string, string>>, options: AwsCallOptions): Promise<void>
  /** Takes tags away; one that is not there is no error. */
  untag(group: string, keys: readonly string[], options: AwsCallOptions): Promise<void>
}
