import Type from 'typebox'
import { nodegroupEvents, numbersChangedOutside } from '../eks/nodegroup-life.ts'
import type { Region } from '../region.ts'
import type { ScalingGroup } from '../state.ts'
import { operation } from '../wire/operation.ts'
import { type NumbersChange, changedNumbers, moveTowardsDesired, setNumbers } from './engine.ts'
import { changeableGroup } from './lookup.ts'

const closed = { additionalProperties: false } as const
const groupName = { AutoScalingGroupName: Type.String({ minLength: 1 }) }

/** Processes that can be suspended; this simulator acts on all that its groups have work for and remembers the others. */
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

export const setDesiredCapacity = operation(
  'SetDesiredCapacity',
  'write',
  Type.Object({ ...groupName, DesiredCapacity: Type.Integer({ minimum: 0 }), HonorCooldown: Type.Optional(Type.Boolean()) }, closed),
  (input, { region }) => {
    changeNumbers(region, changeableGroup(region, input.AutoScalingGroupName), { desiredSize: input.DesiredCapacity })
    return {}
  },
)

export const updateGroup = operation(
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
    changeNumbers(region, changeableGroup(region, input.AutoScalingGroupName), { minSize, maxSize, desiredSize })
    return {}
  },
)

const processInput = Type.Object({ ...groupName, ScalingProcesses: Type.Optional(Type.Array(Type.Enum([...processes]))) }, closed)

export const suspend = operation('SuspendProcesses', 'write', processInput, (input, { region }) => {
  const group = changeableGroup(region, input.AutoScalingGroupName)
  for (const process of input.ScalingProcesses ?? processes) group.suspended.add(process)
  return {}
})

export const resume = operation('ResumeProcesses', 'write', processInput, (input, { region }) => {
  const group = changeableGroup(region, input.AutoScalingGroupName)
  for (const process of input.ScalingProcesses ?? processes) group.suspended.delete(process)
  moveTowardsDesired(region, group, 'a difference between desired and actual capacity', nodegroupEvents)
  return {}
})

/** EKS shows such a change a minute later. */
function changeNumbers(region: Region, group: ScalingGroup, change: NumbersChange): void {
  setNumbers(region, group, changedNumbers(group, change), 'a user request changed the desired capacity', nodegroupEvents)
  numbersChangedOutside(region, group)
}
