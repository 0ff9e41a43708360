import Type from 'typebox'
import { nodegroupEvents, numbersChangedOutside } from '../eks/nodegroup-life.ts'
import type { Region } from '../region.ts'
import type { Instance, ScalingGroup } from '../state.ts'
import { operation } from '../wire/operation.ts'
import { finish, record } from './activities.ts'
import { moveTowardsDesired } from './engine.ts'
import { changeableGroup, validation } from './lookup.ts'
import { instancesOf, isLeaving } from './members.ts'
import { terminate } from './termination.ts'
import { activityView } from './views.ts'

const closed = { additionalProperties: false } as const
const groupName = { AutoScalingGroupName: Type.String({ minLength: 1 }) }
const difference = 'a difference between desired and actual capacity'

export const setProtection = operation(
  'SetInstanceProtection',
  'write',
  Type.Object({ ...groupName, InstanceIds: Type.Array(Type.String(), { maxItems: 50 }), ProtectedFromScaleIn: Type.Boolean() }, closed),
  (input, { region }) => {
    const group = changeableGroup(region, input.AutoScalingGroupName)
    const members = membersOf(region, group, input.InstanceIds)
    const wrong = members.find(({ lifecycle }) => lifecycle !== 'InService' && lifecycle !== 'Standby')
    // as users quote it (kubernetes/autoscaler, terraform-provider-aws)
    if (wrong !== undefined) throw validation(`The instance ${wrong.id} is not in InService or EnteringStandby or Standby.`)
    for (const instance of members) instance.protectedFromScaleIn = input.ProtectedFromScaleIn
    moveTowardsDesired(region, group, difference, nodegroupEvents)
    return {}
  },
)

export const terminateInstance = operation(
  'TerminateInstanceInAutoScalingGroup',
  'write',
  Type.Object({ InstanceId: Type.String(), ShouldDecrementDesiredCapacity: Type.Boolean() }, closed),
  (input, { region }) => {
    const instance = region.instances.get(input.InstanceId)
    const group = instance === undefined ? undefined : region.scalingGroups.get(instance.scalingGroup)
    if (instance === undefined || group === undefined || !group.instanceIds.has(instance.id))
      throw validation(`Instance Id not found - No managed instance found for instance ID: ${input.InstanceId}`)
    changeableGroup(region, group.name)
    // also for one in standby, for which EnterStandby has counted down already: the reference is silent, and this is the worst case
    if (input.ShouldDecrementDesiredCapacity) decrement(region, group)
    // a second call counts down again although the instance is leaving already: the worst case, which others have met (kubernetes/autoscaler#5411)
    const running = isLeaving(instance) ? group.activities.findLast(({ description }) => description === `Terminating EC2 instance: ${instance.id}`) : undefined
    const cause = 'an instance was taken out of service in response to a user request'
    const activity = running ?? terminate(region, group, instance, cause, nodegroupEvents)
    moveTowardsDesired(region, group, cause, nodegroupEvents)
    return { Activity: activityView(activity) }
  },
)

const standbyInput = { ...groupName, InstanceIds: Type.Array(Type.String(), { minItems: 1 }) }

export const enterStandby = operation(
  'EnterStandby',
  'write',
  Type.Object({ ...standbyInput, ShouldDecrementDesiredCapacity: Type.Boolean() }, closed),
  (input, { region }) => {
    const group = changeableGroup(region, input.AutoScalingGroupName)
    const members = membersOf(region, group, input.InstanceIds)
    const wrong = members.find(({ lifecycle }) => lifecycle !== 'InService')
    if (wrong !== undefined) throw validation(`The instance ${wrong.id} is not in InService.`)
    const activities = members.map((instance) => {
      if (input.ShouldDecrementDesiredCapacity) decrement(region, group)
      instance.lifecycle = 'Standby'
      const activity = record(
        region,
        group,
        `Moving EC2 instance to Standby: ${instance.id}`,
        `instance ${instance.id} was moved to standby in response to a user request`,
      )
      finish(region, activity, 'Successful')
      return activity
    })
    moveTowardsDesired(region, group, difference, nodegroupEvents)
    return { Activities: activities.map(activityView) }
  },
)

/** Raises the desired capacity by what comes back (Auto Scaling reference, ExitStandby). */
export const exitStandby = operation('ExitStandby', 'write', Type.Object(standbyInput, closed), (input, { region }) => {
  const group = changeableGroup(region, input.AutoScalingGroupName)
  const members = membersOf(region, group, input.InstanceIds)
  const wrong = members.find(({ lifecycle }) => lifecycle !== 'Standby')
  if (wrong !== undefined) throw validation(`The instance ${wrong.id} is not in Standby.`)
  const activities = members.map((instance) => {
    instance.lifecycle = 'InService'
    group.desiredSize = Math.min(group.maxSize, group.desiredSize + 1)
    const activity = record(
      region,
      group,
      `Moving EC2 instance out of Standby: ${instance.id}`,
      `instance ${instance.id} was moved out of standby in response to a user request`,
    )
    finish(region, activity, 'Successful')
    return activity
  })
  numbersChangedOutside(region, group)
  return { Activities: activities.map(activityView) }
})

/** @throws ServiceError for an id that is no member of the group. */
function membersOf(region: Region, group: ScalingGroup, ids: readonly string[]): readonly Instance[] {
  const unknown = ids.find((id) => !group.instanceIds.has(id))
  if (unknown !== undefined) throw validation(`The instance ${unknown} is not part of Auto Scaling group ${group.name}.`)
  return instancesOf(region, group).filter(({ id }) => ids.includes(id))
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
