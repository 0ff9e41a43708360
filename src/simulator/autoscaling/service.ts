import Type from 'typebox'
import { nodegroupEvents, numbersChangedOutside } from '../eks/nodegroup-life.ts'
import { pageOf } from '../paging.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { ScalingGroup } from '../state.ts'
import { operation } from '../wire/operation.ts'
import type { Service } from '../wire/protocol.ts'
import { awsQuery } from '../wire/query.ts'
import { instancesOf, moveTowardsDesired, setNumbers, terminate } from './engine.ts'
import { activityView, groupView } from './views.ts'

const closed = { additionalProperties: false } as const
const strings = Type.Array(Type.String())
const filters = Type.Array(Type.Object({ Name: Type.String(), Values: strings }, closed))
const groupName = { AutoScalingGroupName: Type.String({ minLength: 1 }) }

/** Processes that can be suspended; this simulator acts on Launch and Terminate and remembers the others. */
const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const

const describeGroups = operation(
  'DescribeAutoScalingGroups',
  'read',
  Type.Object(
    {
      AutoScalingGroupNames: Type.Optional(strings),
      Filters: Type.Optional(filters),
      IncludeInstances: Type.Optional(Type.Boolean()),
      MaxRecords: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: Type.Optional(Type.String()),
    },
    closed,
  ),
  (input, { region }) => {
    const names = input.AutoScalingGroupNames ?? []
    const wanted = [...region.scalingGroups.values()].filter(
      (group) => (names.length === 0 || names.includes(group.name)) && passes(group, input.Filters ?? []),
    )
    const { items, next } = page(region, wanted, input.MaxRecords ?? 50, input.NextToken)
    return { AutoScalingGroups: items.map((group) => groupView(region, group, input.IncludeInstances ?? true)), NextToken: next }
  },
)

const describeActivities = operation(
  'DescribeScalingActivities',
  'read',
  Type.Object(
    {
      AutoScalingGroupName: Type.Optional(Type.String()),
      ActivityIds: Type.Optional(strings),
      IncludeDeletedGroups: Type.Optional(Type.Boolean()),
      MaxRecords: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: Type.Optional(Type.String()),
    },
    closed,
  ),
  (input, { region }) => {
    const groups = input.AutoScalingGroupName === undefined ? [...region.scalingGroups.values()] : [groupOf(region, input.AutoScalingGroupName)]
    const all = groups
      .flatMap(({ activities }) => activities.toReversed())
      .filter(({ id }) => input.ActivityIds === undefined || input.ActivityIds.includes(id))
    const { items, next } = page(region, all, input.MaxRecords ?? 100, input.NextToken)
    return { Activities: items.map(activityView), NextToken: next }
  },
)

const setDesiredCapacity = operation(
  'SetDesiredCapacity',
  'write',
  Type.Object({ ...groupName, DesiredCapacity: Type.Integer({ minimum: 0 }), HonorCooldown: Type.Optional(Type.Boolean()) }, closed),
  (input, { region }) => {
    changeNumbers(region, groupOf(region, input.AutoScalingGroupName), { desiredSize: input.DesiredCapacity })
    return {}
  },
)

const updateGroup = operation(
  'UpdateAutoScalingGroup',
  'write',
  Type.Object(
    {
      ...groupName,
      MinSize: Type.Optional(Type.Integer({ minimum: 0 })),
      MaxSize: Type.Optional(Type.Integer({ minimum: 0 })),
      DesiredCapacity: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    closed,
  ),
  (input, { region }) => {
    const { MinSize: minSize, MaxSize: maxSize, DesiredCapacity: desiredSize } = input
    changeNumbers(region, groupOf(region, input.AutoScalingGroupName), {
      ...(minSize === undefined ? {} : { minSize }),
      ...(maxSize === undefined ? {} : { maxSize }),
      ...(desiredSize === undefined ? {} : { desiredSize }),
    })
    return {}
  },
)

const processInput = Type.Object({ ...groupName, ScalingProcesses: Type.Optional(Type.Array(Type.Enum([...processes]))) }, closed)

const suspend = operation('SuspendProcesses', 'write', processInput, (input, { region }) => {
  const group = groupOf(region, input.AutoScalingGroupName)
  for (const process of input.ScalingProcesses ?? processes) group.suspended.add(process)
  return {}
})

const resume = operation('ResumeProcesses', 'write', processInput, (input, { region }) => {
  const group = groupOf(region, input.AutoScalingGroupName)
  for (const process of input.ScalingProcesses ?? processes) group.suspended.delete(process)
  moveTowardsDesired(region, group, 'a difference between desired and actual capacity', nodegroupEvents)
  return {}
})

const setProtection = operation(
  'SetInstanceProtection',
  'write',
  Type.Object({ ...groupName, InstanceIds: Type.Array(Type.String(), { maxItems: 50 }), ProtectedFromScaleIn: Type.Boolean() }, closed),
  (input, { region }) => {
    const group = groupOf(region, input.AutoScalingGroupName)
    const unknown = input.InstanceIds.find((id) => !group.instanceIds.has(id))
    if (unknown !== undefined) throw validation(`The instance ${unknown} is not part of Auto Scaling group ${group.name}.`)
    for (const instance of instancesOf(region, group)) if (input.InstanceIds.includes(instance.id)) instance.protectedFromScaleIn = input.ProtectedFromScaleIn
    moveTowardsDesired(region, group, 'a difference between desired and actual capacity', nodegroupEvents)
    return {}
  },
)

const terminateInstance = operation(
  'TerminateInstanceInAutoScalingGroup',
  'write',
  Type.Object({ InstanceId: Type.String(), ShouldDecrementDesiredCapacity: Type.Boolean() }, closed),
  (input, { region }) => {
    const instance = region.instances.get(input.InstanceId)
    const group = instance === undefined ? undefined : region.scalingGroups.get(instance.scalingGroup)
    if (instance === undefined || group === undefined || !group.instanceIds.has(instance.id))
      throw validation(`Instance Id not found - No managed instance found for instance ID: ${input.InstanceId}`)
    if (input.ShouldDecrementDesiredCapacity) decrement(region, group)
    // a second call counts down again although the instance is leaving already: the worst case, which others have met (kubernetes/autoscaler#5411)
    const running = group.activities.findLast(({ description }) => description === `Terminating EC2 instance: ${instance.id}`)
    const activity = running ?? terminate(region, group, instance, 'an instance was taken out of service in response to a user request', nodegroupEvents)
    moveTowardsDesired(region, group, 'an instance was taken out of service in response to a user request', nodegroupEvents)
    return { Activity: activityView(activity) }
  },
)

/** Amazon EC2 Auto Scaling. Groups come and go with EKS node groups; nobody can make one here. */
export const autoscaling: Service = {
  name: 'autoscaling',
  protocol: awsQuery({
    version: '2011-01-01',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: [describeGroups, describeActivities, setDesiredCapacity, updateGroup, suspend, resume, setProtection, terminateInstance],
  }),
}

function validation(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message)
}

function groupOf(region: Region, name: string): ScalingGroup {
  const group = region.scalingGroups.get(name)
  if (group === undefined) throw validation(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`)
  return group
}

/** EKS shows such a change a minute later. */
function changeNumbers(
  region: Region,
  group: ScalingGroup,
  change: { readonly minSize?: number; readonly maxSize?: number; readonly desiredSize?: number },
): void {
  const { minSize, maxSize, desiredSize } = group
  setNumbers(region, group, { minSize, maxSize, desiredSize, ...change }, 'a user request changed the desired capacity', nodegroupEvents)
  numbersChangedOutside(region, group)
}

function decrement(region: Region, group: ScalingGroup): void {
  if (group.desiredSize <= group.minSize) {
    throw validation(
      `Currently, desiredSize equals minSize (${group.minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
    )
  }
  group.desiredSize -= 1
  numbersChangedOutside(region, group)
}

/** `tag:<key>`, `tag-key` and `tag-value`; the groups that pass every filter. */
function passes(group: ScalingGroup, wanted: readonly { readonly Name: string; readonly Values: readonly string[] }[]): boolean {
  return wanted.every(({ Name, Values }) => {
    if (Name.startsWith('tag:')) return Values.includes(group.tags[Name.slice(4)] ?? '')
    if (Name === 'tag-key') return Values.some((key) => key in group.tags)
    if (Name === 'tag-value') return Object.values(group.tags).some((value) => Values.includes(value))
    throw validation(`Invalid filter type: ${Name}`)
  })
}

function page<T>(
  region: Region,
  all: readonly T[],
  size: number,
  token: string | undefined,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const result = pageOf(all, { size: Math.min(size, region.scenario.quotas.maxPageSize), token })
  if (result === undefined) throw new ServiceError('InvalidNextToken', 400, 'The token is not valid')
  return { items: result.items, next: result.next }
}
