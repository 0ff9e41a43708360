import { expect, test } from 'vitest'
import type { NodeGroupState } from '../../../aws/eks/port.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { finalizeGroup } from '../finalize.ts'
import { OnceTokens } from '../removals/once.ts'

const time = '2026-11-21T06:00:00Z'
const taint = { key: 'tidegate.io/leaving', value: 'u1', effect: 'NoSchedule' } as const
const node: Node = { metadata: { name: 'node-1', uid: 'n1', resourceVersion: '1' }, spec: { providerID: 'aws:///us-west-2a/i-1' } }
/** Protected, or of a group whose process Terminate is suspended: AWS wants none of it, and does not end it. */
const instance = { instanceId: 'i-1', zone: 'us-west-2a', lifecycleState: 'InService', protectedFromScaleIn: true, instanceType: 'm6i.large' }

interface Given {
  readonly state: NodeGroupState
  /** Whether its drain comes to an end. */
  readonly drains?: boolean
  readonly pods?: readonly string[]
  readonly lifecycleState?: string
  /** The number was lowered by our call for it, which a process made that died. */
  readonly wasSent?: boolean
}

/** Passes over the deletion of a group whose number is 0 while an instance runs, each two seconds after the one before. */
async function deleting({ state, drains = true, pods = [], lifecycleState = 'InService', wasSent = false }: Given, passes = 8) {
  const done: string[] = []
  const removal = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Removing', message: '', call: { token: 'dead', at: time } } as const
  let { status } = aPass({ status: { arn: 'arn:workers', ...(wasSent ? { removals: [removal] } : {}) } }).draft
  let message = ''
  let made = 0
  const once = new OnceTokens({ id: () => `once-${(made += 1)}` })
  const scalingGroup = aScalingGroup({ minSize: 0, maxSize: 1, desiredCapacity: 0, instances: [{ ...instance, lifecycleState }] })
  for (let count = 0; count < passes; count += 1) {
    const pass = aPass({
      object: { deletionTimestamp: time, annotations: { 'tidegate.io/confirm-deletion': 'u1' } },
      status,
      now: new Date(Date.parse(time) + count * 2_000),
      group: aGroup({ state, taints: [taint] }),
      scalingGroup,
      nodeGroups: { delete: async () => void done.push('delete') },
      scalingGroups: { describe: async () => [scalingGroup], terminate: async () => void done.push('terminate') },
      nodes: {
        byInstance: () => node,
        byName: () => node,
        inGroup: () => [node],
        namesInGroup: async () => ['node-1'],
        podsInTheWay: async () => pods,
      },
      drain: {
        drainNode: async ({ state: before }) => {
          if (before === undefined) done.push('isolate')
          return {
            state: { step: drains ? 'Empty' : 'Draining', isolatedAt: time },
            progress: { left: 0, blocked: [], message: '' },
            next: drains ? { kind: 'empty' } : { kind: 'wait', ms: 15_000 },
          }
        },
        lastLook: async () => ({ kind: 'empty', node }),
      },
    })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await finalizeGroup({ ...pass, once, seen: { ...pass.seen, nodes: { ...pass.seen.nodes, running: 1 } } })
    status = pass.draft.status
    message = pass.draft.conditions.compose(new Date(time), 1).find(({ type }) => type === 'Reconciling')?.message ?? message
  }
  return { done: [...new Set(done)], message, status }
}

test.each<NodeGroupState>(['DeleteFailed', 'Active'])(
  'P1: an instance that AWS wants no more and does not end is drained before EKS is asked to delete its group (%s)',
  async (state) => {
    expect((await deleting({ state, drains: false })).done).toEqual(['isolate'])
    // Not by name: its number is 0, and can not be lowered for it.
    expect((await deleting({ state }, 20)).done).toEqual(['isolate', 'delete'])
  },
)

test('EKS is not asked while a call for it may be on its way', async () => {
  expect((await deleting({ state: 'Active', wasSent: true })).done).toEqual([])
  expect((await deleting({ state: 'Active', wasSent: true }, 14)).done).toEqual(['delete'])
})

test('a pod that came back to it is told as that', async () => {
  const { done, message } = await deleting({ state: 'DeleteFailed', pods: ['team/web'] })
  expect(done).toEqual(['isolate'])
  expect(message).toMatch(/^node-1 still runs team\/web, though it was drained: kubectl drain node-1/)
})

test('a pod on a machine that AWS takes away, which nobody drained, is told as that', async () => {
  const { done, message } = await deleting({ state: 'DeleteFailed', pods: ['team/web'], lifecycleState: 'Terminating:Wait' })
  expect(done).toEqual([])
  expect(message).toMatch(
    /^node-1 still runs team\/web, and no instance of the Auto Scaling group stands behind it that could be removed: kubectl drain node-1/,
  )
})
