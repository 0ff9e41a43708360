import type { Tag } from '@aws-sdk/client-auto-scaling'
import type { AwsCall } from '../api.ts'
import type { ScalingGroupsPort } from './port.ts'

type Writes = Pick<ScalingGroupsPort, 'terminate' | 'setDesiredCapacity' | 'protect' | 'suspend' | 'resume' | 'tag' | 'untag'>

/** SetInstanceProtection: "You can specify up to 50 instances" (EC2 Auto Scaling API Reference). */
const idsPerCall = 50

/**
 * The calls that change an Auto Scaling group; contract in port.ts. `changed` is told the group after each, whatever came of it: a write without an
 * answer may have happened.
 */
export function createWrites(call: AwsCall, changed: (group: string) => void): Writes {
  const changing = async (group: string, write: () => Promise<unknown>): Promise<void> => {
    try {
      await write()
    } finally {
      changed(group)
    }
  }
  const setProcesses = async (
    action: 'autoscaling:SuspendProcesses' | 'autoscaling:ResumeProcesses',
    [group, processes, signal]: readonly [string, readonly string[], AbortSignal],
  ): Promise<void> => {
    // Without names AWS takes all processes.
    if (processes.length === 0) return
    const input = { AutoScalingGroupName: group, ScalingProcesses: [...processes] }
    await changing(group, async () => await call(action, input, { signal, target: group }))
  }
  return {
    terminate: async (instanceId, { group, decrement, signal }) => {
      const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: decrement }
      const context = { signal, target: `${group}/${instanceId}` }
      await changing(group, async () => await call('autoscaling:TerminateInstanceInAutoScalingGroup', input, context))
    },

    setDesiredCapacity: async (group, desired, { signal }) => {
      const input = { AutoScalingGroupName: group, DesiredCapacity: desired, HonorCooldown: false }
      await changing(group, async () => await call('autoscaling:SetDesiredCapacity', input, { signal, target: group }))
    },

    protect: async (group, instanceIds, { protected: ProtectedFromScaleIn, signal }) => {
      for (let start = 0; start < instanceIds.length; start += idsPerCall) {
        const input = { AutoScalingGroupName: group, InstanceIds: instanceIds.slice(start, start + idsPerCall), ProtectedFromScaleIn }
        await changing(group, async () => await call('autoscaling:SetInstanceProtection', input, { signal, target: group }))
      }
    },

    suspend: async (group, processes, { signal }) => {
      await setProcesses('autoscaling:SuspendProcesses', [group, processes, signal])
    },

    resume: async (group, processes, { signal }) => {
      await setProcesses('autoscaling:ResumeProcesses', [group, processes, signal])
    },

    tag: async (group, tags, { signal }) => {
      const Tags = Object.entries(tags).map(([key, value]) => tagOf(group, { key, value }))
      if (Tags.length > 0) await changing(group, async () => await call('autoscaling:CreateOrUpdateTags', { Tags }, { signal, target: group }))
    },

    untag: async (group, keys, { signal }) => {
      const Tags = keys.map((key) => tagOf(group, { key }))
      if (Tags.length > 0) await changing(group, async () => await call('autoscaling:DeleteTags', { Tags }, { signal, target: group }))
    },
  }
}

function tagOf(group: string, { key, value }: { readonly key: string; readonly value?: string }): Tag {
  // DeleteTags with a value takes only the tag that has it.
  return { ResourceId: group, ResourceType: 'auto-scaling-group', Key: key, ...(value !== undefined && { Value: value, PropagateAtLaunch: false }) }
}
