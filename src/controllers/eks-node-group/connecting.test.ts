import { expect, test } from 'vitest'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import { aPass } from './test-pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const before = new Date('2026-11-21T05:00:00Z')
const now = new Date('2026-11-21T06:00:00Z')

function stalled(): ConditionSet {
  const conditions = new ConditionSet(eksNodeGroupConditions, [])
  for (const type of eksNodeGroupConditions) conditions.setTrue(type, 'Active')
  conditions.stalled('CreateFailed', 'no')
  return conditions
}

const targets = { find: () => ({ state: 'connecting', reason: 'TargetNotReady', message: 'TargetCluster demo: being connected' }) as const }

/** What a pass leaves of `stalled` while the target is being connected. */
async function passWith(generation: number): Promise<ConditionSet> {
  const { context, sizes, surroundings, ...pass } = aPass()
  const conditions = stalled().compose(before, 1)
  const object = { ...pass.draft.object, metadata: { ...pass.draft.object.metadata, generation }, status: { observedGeneration: 1, conditions } }
  const draft = { object, status: {}, conditions: new ConditionSet(eksNodeGroupConditions, conditions) }
  await new EksNodeGroupReconciler({ targets, sizes, surroundings }).reconcile(draft, context)
  return draft.conditions
}

test('a target that is being connected after a start changes nothing', async () => {
  expect((await passWith(1)).compose(now, 1)).toEqual(stalled().compose(before, 1))
})

test('a new spec is not called judged while the target is being connected', async () => {
  expect((await passWith(2)).get('Provisioned')).toMatchObject({ status: 'False', reason: 'TargetNotReady' })
})

const draining = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Draining', message: '' } as const

const waits =
  /^the deletion waits: .*being connected, and Tidegate has left there: .* on node-1, with label \S+\. To leave it behind: kubectl annotate .*abandon=u1/
const kept: readonly [string, Parameters<typeof aPass>[0], string, RegExp][] = [
  ['waits with what stands of ours, and says so', { status: { arn: 'arn:workers', removals: [draining] } }, 'requeueAfter', waits],
  ['goes where nothing of ours stands', { status: { arn: 'arn:workers' } }, 'finalized', /^$/],
  ['goes where a person abandoned it', { status: { removals: [draining] }, object: { annotations: { 'tidegate.io/abandon': 'u1' } } }, 'finalized', /^$/],
]

test.each(kept)('P2: an object whose group stays %s while the target is being connected after a start', async (_, given, outcome, says) => {
  const { context, sizes, surroundings, draft } = aPass({ ...given, spec: { policy: { management: 'Manage', adoption: 'CreateOnly', deletion: 'Retain' } } })
  const { kind } = await new EksNodeGroupReconciler({ targets, sizes, surroundings }).finalize(draft, context)
  expect(kind).toBe(outcome)
  expect(draft.conditions.underWay?.message ?? '').toMatch(says)
})
