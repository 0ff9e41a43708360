import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import { aPass } from './test-pass.ts'
import type { TargetState } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { makeAnew } from './ways-out.ts'

const abandon = 'kubectl annotate --overwrite eksnodegroup workers -n training tidegate.io/abandon=u1'
const retain = 'spec.policy.deletion to Retain'

const noCluster = async (): Promise<never> => {
  throw new AwsError('NotFound', { reason: 'ClusterNotFound', action: 'eks:DescribeNodegroup', code: 'ResourceNotFoundException', message: 'no cluster demo' })
}

/** What `Ready` says, or the message of what a deletion throws, while `found` is all that is known of the target. */
async function deletionSays(found: (ready: TargetState) => TargetState): Promise<string> {
  const { draft, context, sizes, surroundings, target } = aPass({ status: { arn: 'arn:workers' }, nodeGroups: { describe: noCluster } })
  draft.conditions.leaving()
  const targets = { find: () => found({ state: 'ready', target }) }
  try {
    await new EksNodeGroupReconciler({ targets, sizes, surroundings }).finalize(draft, context)
  } catch (error) {
    return (error as Error).message
  }
  return draft.conditions.compose(surroundings.now(), 1).find(({ type }) => type === 'Ready')?.message ?? ''
}

const cases: Record<string, (ready: TargetState) => TargetState> = {
  'its TargetCluster is not there': () => ({ state: 'missing', reason: 'ReferenceNotFound', message: 'there is no TargetCluster demo' }),
  'its target is not ready': () => ({ state: 'notReady', reason: 'TargetNotReady', message: 'TargetCluster demo: gone' }),
  'its target does not answer': () => ({ state: 'unreachable', reason: 'ClusterUnreachable', message: 'no answer' }),
  'its target names no cluster': () => ({ state: 'refused', reason: 'NoEksCluster', message: 'no EKS cluster' }),
  'EKS does not know the cluster': (ready) => ready,
}
test.each(Object.entries(cases))('a deletion names both ways out when %s', async (_, found) => {
  const says = await deletionSays(found)
  expect(says).toContain(abandon)
  expect(says).toContain(retain)
})

const said = (adoption: 'AdoptOnly' | 'AdoptOrCreate'): string => {
  const { draft } = aPass({
    status: { ownership: { origin: 'Adopted', since: '2026-11-21T05:00:00Z' } },
    spec: { policy: { management: 'Manage', adoption } },
  })
  return makeAnew(draft)
}

test('P8: where a deletion would leave nothing that makes the group again, the way out says so', () => {
  const first = 'set spec.policy.deletion to Delete, since the group would stay in EKS'
  expect(said('AdoptOnly')).toBe(`${first} and spec.policy.adoption to AdoptOrCreate, since AdoptOnly makes none, delete this object and apply it again`)
  expect(said('AdoptOrCreate')).toBe(`${first}, delete this object and apply it again`)
})
