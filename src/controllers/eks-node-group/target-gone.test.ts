import { expect, test } from 'vitest'
import { aGroup, aPass } from './test-pass.ts'
import type { TargetState } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

/** The deletion of a group that EKS has (or not), in a target that is gone. */
async function deletion(options: { readonly reason: 'TargetGone' | 'TargetReplaced'; readonly inEks?: boolean; readonly creating?: boolean }) {
  const creating = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 0, startedAt: '2026-11-21T06:00:00Z' } as const
  const pass = aPass({ status: { arn: 'arn:workers', ...(options.creating === true ? { operation: creating } : {}) } })
  const { draft, context, sizes, surroundings, target } = pass
  const aws = { ...target.aws, nodeGroups: { ...target.aws.nodeGroups, describe: async () => (options.inEks === true ? aGroup() : undefined) } }
  const eks = options.reason === 'TargetGone' ? undefined : { clusterName: 'demo', aws }
  const found: TargetState = { state: 'gone', reason: options.reason, message: 'it is gone', clusterArn: 'arn:demo', eks }
  const result = await new EksNodeGroupReconciler({ targets: { find: () => found }, sizes, surroundings }).finalize(draft, context)
  return { result, reconciling: draft.conditions.compose(surroundings.now(), 1).find(({ type }) => type === 'Reconciling') }
}

test('a cluster that EKS no longer has took its node groups with it: the deletion ends', async () => {
  expect((await deletion({ reason: 'TargetGone' })).result).toEqual({ kind: 'finalized' })
})

test('another cluster at the address: the deletion ends once EKS no longer has the node group', async () => {
  expect((await deletion({ reason: 'TargetReplaced' })).result).toEqual({ kind: 'finalized' })
})

test('a node group that lives on behind a wrong address is never deleted unseen, and the ways out are told', async () => {
  const { result, reconciling } = await deletion({ reason: 'TargetReplaced', inEks: true })
  expect(result).toMatchObject({ kind: 'requeueAfter' })
  expect(reconciling).toMatchObject({ reason: 'TargetReplaced', message: expect.stringMatching(/still in EKS\..*tidegate\.io\/abandon=/) })
})

test('a creation that was asked for a moment ago may still arrive', async () => {
  expect((await deletion({ reason: 'TargetReplaced', creating: true })).result).toMatchObject({ kind: 'requeueAfter' })
})

const draining = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Draining', message: '' } as const
const at = '2026-11-21T06:00:00Z'
const standing = {
  arn: 'arn:workers',
  removals: [draining],
  withdrawal: { target: 0, protected: ['i-1'], startedAt: at },
  rebalance: { suspendedAt: at, scalingGroup: 'asg' },
  deletion: { taintedAt: at, sizesBefore: '1/5' },
} as const

/** The last Events of an object that a person lets go, in the middle of the deletion of its group. */
async function letGo(reason: 'TargetGone' | 'TargetReplaced', by: 'Retain' | 'abandon'): Promise<readonly unknown[]> {
  const events: unknown[] = []
  const { draft, context, sizes, surroundings, target } = aPass({
    status: structuredClone(standing) as unknown as NonNullable<Parameters<typeof aPass>[0]>['status'],
    event: ({ type, note }) => void events.push({ type, note }),
    ...(by === 'abandon'
      ? { object: { annotations: { 'tidegate.io/abandon': 'u1' } } }
      : { spec: { policy: { management: 'Manage', adoption: 'CreateOnly', deletion: 'Retain' } } }),
  })
  const eks = reason === 'TargetGone' ? undefined : { clusterName: 'demo', aws: target.aws }
  const found: TargetState = { state: 'gone', reason, message: 'it is gone', clusterArn: 'arn:demo', eks }
  const result = await new EksNodeGroupReconciler({ targets: { find: () => found }, sizes, surroundings }).finalize(draft, context)
  expect(result).toEqual({ kind: 'finalized' })
  return events
}

test.each(['Retain', 'abandon'] as const)(
  'P2: another cluster at the address took nothing of ours with it: an object that goes by %s names all that stands',
  async (by) => {
    const left = [
      'taint tidegate.io/leaving=u1 on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers',
      'taint tidegate.io/leaving=u1 of the node group and its nodes',
      'protection from scale-in on i-1',
      'the suspension of AZRebalance on asg',
      'minSize and maxSize as they are now, they were 1/5',
    ]
    const resume = /By hand, once its zones are even: aws autoscaling resume-processes --auto-scaling-group-name asg /
    expect(await letGo('TargetReplaced', by)).toEqual([
      { type: 'Warning', note: expect.stringContaining(`Left behind: ${left.join('; ')}`) },
      { type: 'Warning', note: expect.stringMatching(resume) },
    ])
  },
)

test('a cluster that EKS no longer has took what stood with it, and nothing is named', async () => {
  expect(await letGo('TargetGone', 'Retain')).toEqual([{ type: 'Normal', note: 'retained: arn:workers stays in AWS' }])
})
