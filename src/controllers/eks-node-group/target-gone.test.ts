import { expect, test } from 'vitest'
import { aGroup, aPass } from './a-pass.ts'
import type { TargetState } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

/** The deletion of a group that EKS has (or not), in a target that is gone. */
async function deletion(options: { readonly reason: 'TargetGone' | 'TargetReplaced'; readonly inEks?: boolean; readonly creating?: boolean }) {
  const creating = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 0, startedAt: '2026-11-21T06:00:00Z' } as const
  const pass = aPass({ status: { arn: 'arn:workers', ...(options.creating === true ? { operation: creating } : {}) } })
  const { draft, context, sizes, surroundings, target } = pass
  const aws = { ...target.aws, nodeGroups: { ...target.aws.nodeGroups, describe: async () => (options.inEks === true ? aGroup() : undefined) } }
  const eks = options.reason === 'TargetGone' ? undefined : { clusterName: 'demo', aws }
  const found: TargetState = { state: 'gone', reason: options.reason, message: 'it is gone', eks }
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
