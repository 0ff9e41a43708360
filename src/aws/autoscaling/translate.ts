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

/**
 * `Launching a new EC2 instance: i-…` (EC2 Auto Scaling User Guide, "Verify a scaling activity"), `… into warm pool: i-…` and `… from warm pool: i-…`
 * (aws-samples/amazon-ec2-auto-scaling-group-examples). Others are `Terminating EC2 instance: …`, `Moving EC2 instance to Standby: …` (AWS CLI reference,
 * enter-standby), `Could not scale to desired capacity because all remaining instances are protected from scale-in.` (User Guide, "Use instance scale-in protection").
 */
const launch = /^Launching a new EC2 instance\b/

export function activityOf(raw: Activity): ScalingActivity {
  const statusMessage = stableText(raw.StatusMessage ?? '')
  const failure = raw.StatusCode === 'Successful' ? undefined : launchFailure(statusMessage)
  return {
    statusCode: raw.StatusCode ?? '',
    statusMessage,
    isLaunch: launch.test(raw.Description ?? ''),
    startTime: raw.StartTime?.toISOString() ?? '',
    ...(failure !== undefined && { failure }),
  }
}
