import type { Activity, AutoScalingGroup, Instance } from '@aws-sdk/client-auto-scaling'
import { launchFailure } from '../launch-failures.ts'
import { stableText } from '../stable-text.ts'
import type { ScalingActivity, ScalingGroup, ScalingInstance } from './port.ts'

export function scalingGroupOf(raw: AutoScalingGroup): ScalingGroup {
  const operator = raw.Operator?.Principal
  return {
    name: raw.AutoScalingGroupName ?? '',
    minSize: raw.MinSize ?? 0,
    maxSize: raw.MaxSize ?? 0,
    desiredCapacity: raw.DesiredCapacity ?? 0,
    instances: (raw.Instances ?? []).map(scalingInstanceOf),
    suspendedProcesses: (raw.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
    zones: raw.AvailabilityZones ?? [],
    tags: Object.fromEntries((raw.Tags ?? []).flatMap(({ Key, Value = '' }) => (Key === undefined ? [] : [[Key, Value]]))),
    ...(operator !== undefined && { operator }),
  }
}

function scalingInstanceOf(raw: Instance): ScalingInstance {
  return {
    instanceId: raw.InstanceId ?? '',
    zone: raw.AvailabilityZone ?? '',
    lifecycleState: raw.LifecycleState ?? '',
    protectedFromScaleIn: raw.ProtectedFromScaleIn ?? false,
  }
}

/** `Terminating EC2 instance: i-…`, where a launch says `Launching a new EC2 instance: i-…` (EC2 Auto Scaling User Guide, "Verify a scaling activity"). */
const termination = /^Terminating\b/

export function activityOf(raw: Activity): ScalingActivity {
  const statusMessage = stableText(raw.StatusMessage ?? '')
  const failure = raw.StatusCode === 'Successful' ? undefined : launchFailure(statusMessage)
  return {
    statusCode: raw.StatusCode ?? '',
    statusMessage,
    isTermination: termination.test(raw.Description ?? ''),
    startTime: raw.StartTime?.toISOString() ?? '',
    ...(failure !== undefined && { failure }),
  }
}
