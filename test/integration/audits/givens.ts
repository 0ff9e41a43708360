import { expect } from 'vitest'
import type { CustomObject } from '../../../src/kube/objects.ts'
import { autoscalerWrites } from '../../support/autoscaler.ts'
import { nodeRole, subnets } from '../../support/builders.ts'
import { inDays, weekdayOf } from '../../support/days.ts'
import { eventually } from '../../support/eventually.ts'
import { fallSilent } from '../../support/silent-node.ts'
import type { Subject } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import type { Stage } from '../../support/world.ts'
import { type Givens, nothing, wantNextRelease, wantNodes } from './given.ts'
import { refusals } from './refusals.ts'

const { signal } = new AbortController()

/** By the words of an example's `# given:`. */
export const givens: Givens = {
  ...refusals,
  'a node group of this name that somebody made in the console': { before: async (stage, subject) => await madeElsewhere(stage, subject, {}) },
  'a node group of this name that an object of another management cluster owns': {
    before: async (stage, subject) =>
      await madeElsewhere(stage, subject, {
        'tidegate.io/owner': '5b0d1c52-7a52-4d0c-9c39-0d6f0f1f2a11',
        'tidegate.io/object': 'other/held',
        'tidegate.io/cluster': 'elsewhere',
      }),
  },
  'a node group of this name that somebody made in the console and asked for 101 nodes': {
    before: async (stage, subject) => {
      const lift = await stage.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.8xlarge' } })
      const undo = await madeElsewhere(stage, subject, {}, { instanceTypes: ['m6i.8xlarge'], maxSize: 200 })
      await stage.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: subject.key.name, desiredSize: 101 })
      return async () => {
        await undo()
        await lift()
      }
    },
  },
  'AWS has no m7i.xlarge': { before: async ({ cloud }) => await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm7i.xlarge' } }) },
  'the vCPUs of the account are used up for m7i.2xlarge': {
    before: async ({ cloud }) => {
      const message = 'You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket.'
      return await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm7i.2xlarge' }, message })
    },
  },
  'AWS does not allow the launch of m7i.4xlarge': {
    before: async ({ cloud }) => {
      const message = 'UnauthorizedOperation - You are not authorized to perform this operation. Launching EC2 instance failed.'
      return await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm7i.4xlarge' }, message })
    },
  },
  'AWS has no m6i.xlarge': { before: async ({ cloud }) => await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.xlarge' } }) },
  'another AWS service operates the Auto Scaling group': {
    after: async ({ cloud }, subject) => {
      await subject.ready()
      const lock = { order: 'LockScalingGroup', cluster: 'demo', nodegroup: subject.key.name }
      await cloud.happen({ ...lock, operator: 'ecs.amazonaws.com' })
      return async () => await cloud.happen({ ...lock, operator: null })
    },
  },
  'the subnet has no free address': {
    before: async ({ cloud }) => {
      const addresses = { order: 'SetFreeAddresses', subnetId: subnets[2] }
      await cloud.happen({ ...addresses, count: 0 })
      return async () => await cloud.happen({ ...addresses, count: 8000 })
    },
  },
  'a minimum that somebody raises past the number': {
    after: async (_stage, subject) => {
      await subject.ready()
      await subject.patch({ op: 'replace', path: '/spec/scaling/minSize', value: 2 })
      return nothing
    },
  },
  'somebody deletes the Auto Scaling group behind it': {
    after: async ({ cloud }, subject) => {
      await subject.ready()
      await cloud.happen({ order: 'DeleteScalingGroup', cluster: 'demo', nodegroup: subject.key.name })
      return nothing
    },
  },
  'a deletion while a node runs': {
    after: async (_stage, subject) => {
      await subject.ready()
      await subject.deleteUnguarded()
      return nothing
    },
  },
  'AWS has no m6i.4xlarge in us-west-2b': {
    before: async ({ cloud }) => await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.4xlarge', zone: 'us-west-2b' } }),
  },
  'instances of m6i.2xlarge never join': { before: async ({ cloud }) => await cloud.fault({ effect: 'NoJoin', match: { instanceType: 'm6i.2xlarge' } }) },
  'EKS cannot make the node group': {
    before: async ({ cloud }, { key }) =>
      await cloud.groupFault(key.name, {
        effect: 'FailLater',
        action: 'CreateNodegroup',
        code: 'NodeCreationFailure',
        message: 'Instances failed to join the kubernetes cluster',
      }),
  },
  'an update that EKS gives up': {
    before: async ({ cloud }, { key }) =>
      await cloud.groupFault(key.name, {
        effect: 'FailLater',
        action: 'UpdateNodegroupVersion',
        code: 'NodeCreationFailure',
        message: 'Couldn’t proceed with upgrade process as new nodes are not joining node group',
      }),
    after: async (_stage, subject) => {
      await subject.ready()
      await wantNextRelease(subject)
      return nothing
    },
  },
  'another release is wanted while the kubelet of its node is silent': {
    after: async (stage, subject) => {
      const mend = await silence(stage, subject)
      await subject.condition('NodesReady', { reason: 'NodeNotReady' })
      await wantNextRelease(subject)
      return mend
    },
  },
  'another release is wanted, and the window of the target opens in three days': {
    after: async (stage, subject) => {
      await subject.ready()
      await openInThreeDays(stage)
      await wantNextRelease(subject)
      return nothing
    },
  },
  'the number is lowered, and the window of the target opens in three days': {
    after: async (stage, subject) => {
      await subject.ready()
      await openInThreeDays(stage)
      await wantNodes(subject, 0)
      return async () => {
        await wantNodes(subject, 1)
        await stage.target('demo').patch({ op: 'remove', path: '/spec/windows' })
      }
    },
  },
  'the kubelet of its node falls silent': { after: silence },
  'a person who freezes it for a day': {
    after: async (_stage, subject) => {
      await subject.annotate({ 'frozen-until': inDays(1).toISOString() })
      return async () => await subject.annotate({})
    },
  },
  'two nodes, and a maximum that is lowered while budgets hold their pods': {
    after: async (stage, subject) => {
      await subject.ready()
      await stage.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: subject.key.name, desiredSize: 2 })
      await subject.until((object) => expect(object.status).toMatchObject({ nodes: { summary: '2/2' } }))
      return await lowerUnderBudgets(stage, subject, { path: '/spec/scaling/maxSize', value: 1, before: 3 })
    },
  },
  'a Cluster Autoscaler has discovered the group': {
    after: async (stage, subject) => {
      await subject.ready()
      const { scaling } = await stage.cloud.needGroup(subject.key.name)
      return await autoscalerWrites(stage.client, [scaling?.name ?? ''])
    },
  },
  'the number is lowered while a budget holds the pod of its node': {
    after: async (stage, subject) => {
      await subject.ready()
      return await lowerUnderBudgets(stage, subject, { path: '/spec/scaling/desiredSize', value: 0, before: 1 })
    },
  },
  'its deletion is confirmed while a group names it': {
    after: async (stage, subject) => {
      await subject.condition('Stalled', { reason: 'SecretNotFound' })
      await subject.deleteConfirmed()
      const user = stage.group('training', 'dependent')
      return async () => {
        await user.delete()
        await user.gone()
      }
    },
  },
}

async function openInThreeDays(stage: Stage): Promise<void> {
  const day = weekdayOf(inDays(3))
  await stage.target('demo').patch({ op: 'replace', path: '/spec/windows/0/days', value: [day] })
}

/** What comes back mends it. */
async function silence(stage: Stage, subject: Subject<CustomObject>): Promise<() => Promise<void>> {
  await subject.ready()
  const [node] = await stage.nodesOf(subject.key.name)
  if (node === undefined) throw new Error(`${subject.key.name} has no node`)
  return await fallSilent(stage, node)
}

async function madeElsewhere(
  { cloud }: Stage,
  { key }: Subject<CustomObject>,
  tags: Readonly<Record<string, string>>,
  { maxSize = 3, ...more }: { readonly instanceTypes?: readonly string[]; readonly maxSize?: number } = {},
): Promise<() => Promise<void>> {
  const { nodeGroups } = cloud.console
  const creation = { name: key.name, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize, desiredSize: 0 }, tags, ...more }
  await nodeGroups.create('demo', creation, { token: key.name, signal })
  await eventually(async () => expect((await cloud.needGroup(key.name)).status).toBe('ACTIVE'))
  return async () => {
    await nodeGroups.delete('demo', key.name, { signal })
    await eventually(async () => expect(await cloud.group(key.name)).toBeUndefined())
  }
}

/** What comes back gives the pods free and the number back. */
async function lowerUnderBudgets(
  stage: Stage,
  subject: Subject<CustomObject>,
  { path, value, before }: { readonly path: string; readonly value: number; readonly before: number },
): Promise<() => Promise<void>> {
  const { name, namespace = '' } = subject.key
  const lift = await new Workload(stage.client, namespace).guardAll(await stage.nodesOf(name), name)
  await subject.patch({ op: 'replace', path, value })
  return async () => {
    await lift()
    // A minute is a few seconds here: the drain of its deletion may take longer on a busy machine, and would wait for a person.
    const patience = { op: 'replace', path: '/spec/scaleDown/onTimeout', value: 'Wait' } as const
    await subject.patch({ op: 'replace', path, value: before }, patience)
    await subject.ready()
  }
}
