import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import type { NodeGroup } from '../../aws/eks/port.ts'
import type { FinalizeResult } from '../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import type { TargetState } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const created = aGroup({ tags: { ...aGroup().tags, 'tidegate.io/origin': 'Created' } })

const instance = { instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }

interface Deletion {
  readonly result: FinalizeResult
  /** `Reconciling`, or what was thrown. */
  readonly says: string
}

/** The deletion of an object whose status names nothing. */
async function deletion(given: {
  readonly group?: NodeGroup
  readonly describe?: () => Promise<never>
  readonly suspend?: boolean
  readonly target?: TargetState
}): Promise<Deletion> {
  const scalingGroups = { describe: async () => [aScalingGroup({ instances: [instance] })], activities: async () => [], ofCluster: async () => [] }
  const { draft, context, sizes, surroundings, target } = aPass({
    object: { deletionTimestamp: '2026-11-21T05:59:00Z' },
    spec: { suspend: given.suspend === true },
    nodeGroups: { describe: given.describe ?? (async () => given.group) },
    scalingGroups,
  })
  const found: TargetState = given.target ?? { state: 'ready', target }
  const result = await new EksNodeGroupReconciler({ targets: { find: () => found }, sizes, surroundings }).finalize(draft, context)
  return { result, says: draft.conditions.compose(surroundings.now(), 1).find(({ type }) => type === 'Reconciling')?.reason ?? '' }
}

test('P6: a group that EKS has with our mark is deleted like any other', async () => {
  expect(await deletion({ group: created })).toMatchObject({ result: { kind: 'requeueAfter' }, says: 'WaitingForConfirmation' })
})

test('the object goes when EKS has no such group, also while changes are held back', async () => {
  for (const suspend of [false, true]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    expect((await deletion({ suspend })).result).toEqual({ kind: 'finalized' })
  }
})

test('a group that was found stays, as it would have with its status', async () => {
  expect((await deletion({ group: aGroup() })).result).toEqual({ kind: 'finalized' })
})

test('P6: while the target cannot be reached nothing is decided', async () => {
  const target: TargetState = { state: 'unreachable', reason: 'ClusterUnreachable', message: 'no answer' }
  expect(await deletion({ target })).toMatchObject({ result: { kind: 'requeueAfter' }, says: 'ClusterUnreachable' })
})

const denied = async (): Promise<never> => {
  throw new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:DescribeNodegroup', code: 'AccessDenied', message: 'not authorized' })
}

test('where AWS does not let us look, the ways out are told', async () => {
  await expect(deletion({ describe: denied })).rejects.toMatchObject({ reason: 'AccessDenied', message: expect.stringContaining('tidegate.io/abandon=u1') })
})
