import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { chooseRemovals } from '../acts/choose-removals.ts'
import type { Node } from '../../../kube/objects.ts'
import { keepAnnotation } from './member.ts'
import { type RemovalPlan, planRemovals } from './plan.ts'
import type { RemovalWorld } from './removal.ts'
import { aMember, aRemoval, aWish, aWorld } from './test-world.ts'

const busy = aMember('busy', { node: { pods: 5 } })
const kept = aMember('kept', { keptBy: 'Protection' })
const annotated = aMember('annotated', { keptBy: 'Annotation' })

function ids(list: RemovalPlan['released'] | RemovalPlan['spared']): readonly string[] | undefined {
  return list?.map(({ instanceId }) => instanceId)
}

const cases: Record<
  string,
  [Partial<RemovalWorld>, { readonly removals?: readonly string[]; readonly released?: readonly string[]; readonly spared?: unknown }]
> = {
  'a busy node leaves before an idle one that somebody keeps': [{ members: [kept, annotated, busy], keep: 2 }, { removals: ['busy'] }],
  'of too few the rest stays, and is told': [
    { members: [kept, annotated, busy], keep: 1 },
    { removals: ['busy'], spared: ['kept', 'annotated'] },
  ],
  'an order that names it may have it': [{ members: [kept, busy], keep: 1, requested: [aWish('kept')] }, { removals: ['kept'] }],
  'a deletion takes all': [{ members: [kept, annotated], keep: 0, allGo: true }, { removals: ['annotated', 'kept'] }],
  'one that was chosen and not touched yet is given back': [
    { members: [kept, busy], keep: 1, before: [aRemoval('kept')] },
    { removals: ['busy'], released: ['kept'] },
  ],
  'a drain that has begun is finished': [{ members: [kept, busy], keep: 1, before: [aRemoval('kept', { state: 'Draining' })] }, { removals: ['kept'] }],
  'in a group at its number nobody is told': [{ members: [kept] }, {}],
}

test.each(Object.entries(cases))('%s', (_, [world, { removals = [], released = [], spared }]) => {
  const plan = planRemovals(aWorld(world))
  expect(ids(plan.removals)).toEqual(removals)
  expect(ids(plan.released)).toEqual(released)
  expect(ids(plan.spared)).toEqual(spared)
})

/** Two instances and one too many: `i-1` is protected at AWS, or its Node is annotated. */
async function lowered({
  byUs = false,
  isProtected = true,
  annotation,
  isReversed = false,
}: {
  byUs?: boolean
  isProtected?: boolean
  annotation?: string
  isReversed?: boolean
}) {
  const both = isReversed ? ['i-2', 'i-1'] : ['i-1', 'i-2']
  const node = (id: string): Node => ({
    metadata: {
      name: `node-${id}`,
      uid: `uid-${id}`,
      resourceVersion: '1',
      ...(annotation === undefined ? {} : { annotations: { [keepAnnotation]: annotation } }),
    },
    spec: {},
  })
  const pass = aPass({
    group: aGroup(),
    spec: { scaling: { minSize: 0, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } },
    scalingGroup: aScalingGroup({
      desiredCapacity: 2,
      tags: byUs ? { 'tidegate.io/protected': 'u1' } : {},
      instances: both.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: isProtected })),
    }),
    status: byUs ? { withdrawal: { target: 2, protected: both, startedAt: '2026-11-21T06:00:00Z' } } : {},
    nodes: { byInstance: node },
  })
  await chooseRemovals(pass)
  const { reason, message } = pass.draft.conditions.get('InSync')
  return { removals: ids(pass.draft.status.removals ?? []), reason, message }
}

test('P8: where somebody keeps all that could leave, nobody does, and the message has the commands', async () => {
  expect(await lowered({})).toMatchObject({
    removals: [],
    reason: 'RemovalRefused',
    message: expect.stringContaining(
      'aws autoscaling set-instance-protection --auto-scaling-group-name asg --no-protected-from-scale-in --instance-ids i-1 i-2',
    ),
  })
  expect(await lowered({ isProtected: false, annotation: 'true' })).toMatchObject({
    removals: [],
    reason: 'RemovalRefused',
    message: expect.stringContaining(`kubectl annotate node node-i-1 node-i-2 ${keepAnnotation}-`),
  })
})

test.each([{}, { isProtected: false, annotation: 'true' }])('in whatever order AWS has the instances, the message is the same: %j', async (given) => {
  expect((await lowered({ ...given, isReversed: true })).message).toBe((await lowered(given)).message)
})

test.each([
  ['protection that is our own, during a withdrawal,', { byUs: true }],
  ['an annotation with another value', { isProtected: false, annotation: 'false' }],
])('%s keeps nobody', async (_, given) => {
  expect(await lowered(given)).toMatchObject({ removals: ['i-1'], reason: 'RemovingNodes' })
})
