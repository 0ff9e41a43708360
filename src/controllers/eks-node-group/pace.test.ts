import { expect, test } from 'vitest'
import type { Condition } from '../../kube/objects.ts'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import { aGroup, aPass, aScalingGroup } from './test-pass.ts'
import { pollDelayMs } from './pace.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } as const
const now = new Date('2026-11-21T06:00:00Z')

/** The ages that a pass allowed the answers of AWS to have; 0 is a call of its own. */
async function agesOf(given: { readonly suspend?: boolean; readonly waitingSince?: string }): Promise<readonly (number | undefined)[]> {
  const ages: (number | undefined)[] = []
  const { waitingSince = '', suspend = false } = given
  const desiredCapacity = suspend ? 0 : 1
  const { context, sizes, surroundings, target, draft } = aPass({
    now,
    spec: { scaling, suspend },
    nodeGroups: {
      describe: async (_cluster, _name, { maxAgeMs }) => {
        ages.push(maxAgeMs)
        return aGroup()
      },
    },
    scalingGroups: {
      describe: async () => [aScalingGroup({ desiredCapacity })],
      ofCluster: async () => [aScalingGroup({ desiredCapacity })],
      activities: async () => [],
    },
  })
  const said = (type: string): Condition => ({ type, status: 'True', reason: 'Active', message: '', lastTransitionTime: waitingSince })
  const waiting = { ...said('NodesReady'), status: 'False' as const, reason: 'WaitingForInstances' }
  const conditions = [said('Provisioned'), waiting]
  const looked = { object: { ...draft.object, status: { conditions } }, status: {}, conditions: new ConditionSet(eksNodeGroupConditions, conditions) }
  const targets = { find: () => ({ state: 'ready', target }) as const }
  await new EksNodeGroupReconciler({ targets, sizes, surroundings }).reconcile(looked, context)
  return ages
}

test('instances that were asked for a moment ago are looked at afresh', async () => {
  expect(await agesOf({ waitingSince: '2026-11-21T05:50:00Z' })).toEqual([0])
})

test('instances that do not come for long are looked at as at rest', async () => {
  expect(await agesOf({ waitingSince: '2026-11-21T05:40:00Z' })).toEqual([600_000])
})

test('while changes are held back nothing is looked at afresh for them', async () => {
  expect(await agesOf({ suspend: true, waitingSince: '2026-11-21T05:59:00Z' })).toEqual([600_000])
})

test('while something moves it is asked after 2, 4, then every 8 s', () => {
  const asked: number[] = []
  for (let at = 0; at < 40_000; at += pollDelayMs(at)) asked.push(at / 1000)
  expect(asked).toEqual([0, 2, 4, 8, 16, 24, 32])
})
