import type { Region } from '../region.ts'
import type { Instance, ScalingActivity, ScalingGroup } from '../state.ts'
import { instancesOf } from './members.ts'

export function groupView(region: Region, group: ScalingGroup, withInstances: boolean): object {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: group.arn,
    MixedInstancesPolicy: mixedInstances(group),
    MinSize: group.minSize,
    MaxSize: group.maxSize,
    DesiredCapacity: group.desiredSize,
    DefaultCooldown: 300,
    AvailabilityZones: group.zones,
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 15,
    Instances: withInstances ? instancesOf(region, group).map((instance) => instanceView(group, instance)) : [],
    CreatedTime: group.createdAt,
    SuspendedProcesses: [...group.suspended].map((ProcessName) => ({ ProcessName, SuspensionReason: 'User suspended' })),
    VPCZoneIdentifier: group.subnetIds.join(','),
    EnabledMetrics: [],
    Tags: tagViews(group),
    TerminationPolicies: group.terminationPolicies,
    NewInstancesProtectedFromScaleIn: false,
    CapacityRebalance: group.capacityType === 'SPOT',
    TrafficSources: [],
    ...(group.operator === undefined ? {} : { Operator: { Principal: group.operator } }),
  }
}

function mixedInstances(group: ScalingGroup): object {
  const template = { LaunchTemplateId: group.templateId, LaunchTemplateName: group.name, Version: String(group.templateVersion) }
  return {
    LaunchTemplate: { LaunchTemplateSpecification: template, Overrides: group.software.instanceTypes.map((InstanceType) => ({ InstanceType })) },
    InstancesDistribution: {
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: group.capacityType === 'SPOT' ? 0 : 100,
      SpotAllocationStrategy: 'price-capacity-optimized',
    },
  }
}

function instanceView(group: ScalingGroup, instance: Instance): object {
  return {
    InstanceId: instance.id,
    InstanceType: instance.type,
    AvailabilityZone: instance.zone,
    LifecycleState: instance.lifecycle,
    HealthStatus: instance.health,
    LaunchTemplate: { LaunchTemplateId: group.templateId, LaunchTemplateName: group.name, Version: String(instance.templateVersion) },
    ProtectedFromScaleIn: instance.protectedFromScaleIn,
  }
}

export function activityView(activity: ScalingActivity): object {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.group,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: activity.startedAt,
    EndTime: activity.endedAt,
    StatusCode: activity.statusCode,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
  }
}

export function tagViews(group: ScalingGroup): readonly {
  readonly ResourceId: string
  readonly ResourceType: string
  readonly Key: string
  readonly Value: string
  readonly PropagateAtLaunch: boolean
}[] {
  return Object.entries(group.tags).map(([Key, Value]) => ({
    ResourceId: group.name,
    ResourceType: 'auto-scaling-group',
    Key,
    Value,
    PropagateAtLaunch: !group.localTags.has(Key),
  }))
}
