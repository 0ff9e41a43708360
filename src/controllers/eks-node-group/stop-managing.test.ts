import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import type { Condition } from '../../kube/objects.ts'
import type { Result } from '../../runtime/reconciler.ts'
import type { Holder } from '../../runtime/freeze.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { aWatchingSpec } from './test-spec.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const time = '2026-11-21T06:00:00Z'
const policy = { management: 'Observe', adoption: 'CreateOnly' } as const
const member = { instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: true, instanceType: 'm6i.large' }
const inTheMiddle: EksNodeGroupStatus = {
  arn: 'arn:workers',
  removals: [
    { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Draining', message: '', drain: { step: 'Draining', isolatedAt: time } },
    { nodeUID: 'n2', nodeName: 'node-2', instanceId: 'i-2', state: 'Gone', message: '' },
  ],
  withdrawal: { target: 0, protected: ['i-1'], startedAt: time },
  rebalance: { suspendedAt: time, scalingGroup: 'asg' },
}

interface Given {
  readonly holders?: readonly Holder[]
  readonly denied?: boolean
  readonly group?: ReturnType<typeof aGroup> | undefined
  readonly status?: EksNodeGroupStatus
  /** The spec says nothing but that the group is watched. */
  readonly bare?: boolean
  /** The group may start instances in another zone too, and has two in this one. */
  readonly isUneven?: boolean
  /** The number of the Auto Scaling group, which has one instance. Default 1. */
  readonly desiredCapacity?: number
  /** AWS has no time to resume its rebalancing. */
  readonly isBusy?: boolean
  /** The Auto Scaling group does not show. */
  readonly isUnseen?: boolean
  /** Another service operates it. */
  readonly operator?: string
  /** Kubernetes has the Node still. */
  readonly hasNode?: boolean
}

/** Longer than a call of a process that died can be on its way. */
const secondsApart = 21

/** Passes over a group that is only observed from now on, until nothing is said any more, at most five. */
async function passes(given: Given = {}) {
  const done: string[] = []
  const says: Record<string, Condition>[] = []
  const results: (Result | Error)[] = []
  const notes: string[] = []
  let known = structuredClone(given.status ?? inTheMiddle)
  const group = 'group' in given ? given.group : aGroup()
  let scalingGroup = aScalingGroup({
    desiredCapacity: given.desiredCapacity ?? 1,
    instances: given.isUneven === true ? [member, { ...member, instanceId: 'i-3', protectedFromScaleIn: false }] : [member],
    suspendedProcesses: ['AZRebalance'],
    tags: { 'tidegate.io/suspended': 'AZRebalance/u1', 'tidegate.io/protected': 'u1' },
    zones: given.isUneven === true ? ['a', 'b'] : ['a'],
    ...(given.operator === undefined ? {} : { operator: given.operator }),
  })
  let count = 0
  const { context, sizes, surroundings, target } = aPass({
    event: ({ note }) => void notes.push(note),
    nodeGroups: { describe: async () => group },
    scalingGroups: {
      describe: async () => (given.isUnseen === true ? [] : [scalingGroup]),
      ofCluster: async () => (given.isUnseen === true ? [] : [scalingGroup]),
      activities: async () => [],
      protect: async (_name, ids, options) => {
        if (given.denied === true)
          throw new AwsError('AccessDenied', { action: 'autoscaling:SetInstanceProtection', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
        done.push(`protect ${String(options.protected)} ${ids.join()}`)
      },
      resume: async (_name, processes) => {
        if (given.isBusy === true)
          throw new AwsError('Busy', {
            action: 'autoscaling:ResumeProcesses',
            reason: 'ScalingInProgress',
            code: 'ResourceContention',
            message: 'AWS is at work',
          })
        done.push(`resume ${processes.join()}`)
        scalingGroup = { ...scalingGroup, suspendedProcesses: [] }
      },
      untag: async (_name, [key = '']) => {
        const { [key]: _, ...tags } = scalingGroup.tags
        scalingGroup = { ...scalingGroup, tags }
      },
    },
    nodes: { byName: () => (given.hasNode === true ? { metadata: { name: 'node-1', uid: 'n1', resourceVersion: '1' }, spec: {} } : undefined) },
    drain: {
      release: async ({ name }) => {
        done.push(`release ${name}`)
        return { kind: 'gone' }
      },
    },
  })
  const around = { ...surroundings, holders: () => given.holders ?? [], now: () => new Date(Date.parse(time) + count * secondsApart * 1000) }
  const reconciler = new EksNodeGroupReconciler({ targets: { find: () => ({ state: 'ready', target }) }, sizes, surroundings: around })
  for (; count < 5; count += 1) {
    const { draft: whole } = aPass({ spec: { policy }, status: known })
    const draft = given.bare === true ? { ...whole, object: { ...whole.object, spec: aWatchingSpec() } } : whole
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    results.push(await reconciler.reconcile(draft, context).catch((error: unknown) => error as Error))
    known = draft.status
    const said = Object.fromEntries(draft.conditions.compose(new Date(time), 1).map((one) => [one.type, one]))
    says.push(said)
    if (said['InSync']?.status === 'True') break
  }
  return { done, says, results, notes, status: known }
}

test('P2: what stands of ours is taken back before the group is only looked at, and said until then', async () => {
  const { done, says, status, results } = await passes()
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1', 'resume AZRebalance'])
  expect(says).toHaveLength(3)
  expect(says[0]).toMatchObject({ InSync: { status: 'False', reason: 'TakingBack' } })
  expect(says[0]?.['InSync']?.message).toContain(
    'tidegate.io/leaving=u1 on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers; protection from scale-in on i-1; the suspension of AZRebalance on asg',
  )
  // The process that began the withdrawal is dead, and may have asked for a number right before.
  expect(says[0]?.['InSync']?.message).toMatch(/on asg\. AWS may still take a number that it was asked for.*: the protection from scale-in stays/)
  expect(results.slice(0, 2)).toEqual([2_000, 0].map((ms) => ({ kind: 'requeueAfter', ms })))
  expect(says[2]).toMatchObject({ InSync: { status: 'True', reason: 'Observed' } })
  for (const field of ['removals', 'withdrawal', 'rebalance']) expect(status).not.toHaveProperty(field)
})

test('P2: also where the same edit took away what a spec that only watches does not need', async () => {
  const { done, says, status } = await passes({ bare: true })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1', 'resume AZRebalance'])
  expect(says.at(-1)).toMatchObject({ InSync: { status: 'True', reason: 'Observed' } })
  for (const field of ['removals', 'withdrawal', 'rebalance']) expect(status).not.toHaveProperty(field)
})

test('P2: without the right to take it back the object is never called in sync, and the rest is taken back', async () => {
  const { done, says, results } = await passes({ denied: true })
  expect(done).toContain('release node-1')
  expect(done).toContain('resume AZRebalance')
  expect(says).toHaveLength(5)
  expect(says[4]?.['InSync']?.message).toContain('protection from scale-in on i-1')
  expect(results[4]).toMatchObject({ reason: 'AccessDenied' })
})

test('P10: while a freeze holds nothing is taken back, and what stands is named', async () => {
  const holders = [{ what: 'TargetCluster demo', suspend: true, annotations: undefined }]
  const { done, says, results } = await passes({ holders })
  expect(done).toEqual([])
  expect(says[0]).toMatchObject({ InSync: { status: 'False', reason: 'Suspended' }, Reconciling: { reason: 'TakingBack' }, Paused: { reason: 'Suspended' } })
  expect(says[0]?.['Reconciling']?.message).toContain('on node-1')
  expect(results[0]).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('what stood on a group that is gone went with it', async () => {
  const { says, status } = await passes({ group: undefined })
  expect(says.at(-1)).toMatchObject({ Provisioned: { reason: 'NotFound' }, InSync: { reason: 'Observed' } })
  expect(status.withdrawal).toBeUndefined()
})

test('what AWS was asked to end without a Node is remembered while it is there', async () => {
  const ending = { instanceId: 'i-1', state: 'Removing', message: '' } as const
  const { status } = await passes({ status: { removals: [ending, { ...ending, instanceId: 'i-9' }] } })
  expect(status.removals).toEqual([ending])
})

test('P1: a node that AWS has still to end keeps its mark; it says where to look, and is looked at as at rest', async () => {
  const asked = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Removing', message: '', call: { token: 't', at: time } } as const
  const { done, says, results } = await passes({ desiredCapacity: 0, status: { removals: [asked] } })
  expect(done).not.toContain('release node-1')
  expect(says.at(-1)?.['InSync']).toMatchObject({
    reason: 'TakingBack',
    message: expect.stringMatching(/leaving=u1 on node-1, with label .*\. .*look there for scale-in protection/),
  })
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('what AWS has no time for is asked again at its pace, and its words are told with what stands', async () => {
  const { says, results } = await passes({ isBusy: true })
  expect(says.at(-1)?.['InSync']).toMatchObject({ reason: 'TakingBack', message: expect.stringMatching(/suspension of AZRebalance on asg\. AWS is at work/) })
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 15_000 })
})

test('what stands on an Auto Scaling group that does not show is looked at as at rest', async () => {
  const { says, results } = await passes({ isUnseen: true, status: { rebalance: { suspendedAt: time, scalingGroup: 'asg' } } })
  expect(says.at(-1)?.['InSync']?.message).toContain('on asg. The Auto Scaling group does not show')
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('B1: what stands on an Auto Scaling group that another service operates is looked at as at rest, and it is named', async () => {
  const { done, says, results } = await passes({ operator: 'ecs.amazonaws.com', status: { withdrawal: { target: 0, protected: ['i-1'], startedAt: time } } })
  expect(done).toEqual([])
  expect(says.at(-1)?.['InSync']?.message).toContain('on i-1. ecs.amazonaws.com operates the Auto Scaling group asg')
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('what AWS was asked to end before the group went is waited for as at rest, while Kubernetes has its Node', async () => {
  const asked = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Removing', message: '', call: { token: 't', at: time } } as const
  const { says, results } = await passes({ group: undefined, isUnseen: true, hasNode: true, status: { arn: 'arn:workers', removals: [asked] } })
  expect(says.at(-1)?.['InSync']?.message).toContain(
    'on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers. The node group is gone: waits until Kubernetes has removed its Nodes',
  )
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 30_000 })
})

test('B6: over uneven zones rebalancing stays suspended; that, and how to resume it, is said, and AWS is asked seldom', async () => {
  const { done, says, results, status } = await passes({ isUneven: true, desiredCapacity: 2 })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1'])
  expect(status.rebalance).toBeDefined()
  expect(says.at(-1)?.['InSync']).toMatchObject({ status: 'False', reason: 'TakingBack' })
  expect(says.at(-1)?.['InSync']?.message).toContain('aws autoscaling resume-processes --auto-scaling-group-name asg --scaling-processes AZRebalance')
  expect(results.at(-1)).toEqual({ kind: 'requeueAfter', ms: 600_000 })
})

test('P2: a group that another object has by now keeps what stands in AWS: our mark comes off the node, and the rest is told once', async () => {
  const { done, says, status, notes } = await passes({ group: aGroup({ tags: { 'tidegate.io/owner': 'u2' } }) })
  expect(done).toEqual(['release node-1'])
  expect(says.at(-1)).toMatchObject({ InSync: { status: 'True', reason: 'Observed' } })
  for (const field of ['removals', 'withdrawal', 'rebalance']) expect(status).not.toHaveProperty(field)
  const told = notes.filter((note) => note.includes('does not carry our mark and stays. Left behind: '))
  expect(told).toEqual([expect.stringContaining('the suspension of AZRebalance on asg')])
})
