import { expect, test } from 'vitest'
import type { Condition } from '../../kube/objects.ts'
import type { FinalizeResult } from '../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from './a-pass.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'

interface Given {
  readonly asked: boolean
  readonly suspend?: boolean
  readonly confirmed?: boolean
  readonly nodes?: number
}

/** One pass of a deletion: the ages that it allowed the answers of AWS to have (0 is a call of its own), and how it ended. */
async function pass({ asked, suspend = false, confirmed = false, nodes = 2 }: Given): Promise<{ ages: unknown; result: FinalizeResult }> {
  const ages: (number | undefined)[] = []
  const instances = Array.from({ length: nodes }, (_, n) => ({
    instanceId: `i-${n}`,
    zone: 'us-west-2a',
    lifecycleState: 'InService',
    protectedFromScaleIn: false,
    instanceType: 'm6i.large',
  }))
  const scalingGroup = aScalingGroup({ desiredCapacity: nodes, instances })
  const { context, sizes, surroundings, target, draft } = aPass({
    object: { annotations: confirmed ? { 'tidegate.io/confirm-deletion': 'u1' } : {}, deletionTimestamp: '2026-11-21T05:00:00Z' },
    spec: { suspend },
    status: { arn: 'arn:workers' },
    nodeGroups: {
      describe: async (_cluster, _name, { maxAgeMs }) => {
        ages.push(maxAgeMs)
        return aGroup()
      },
    },
    scalingGroups: { describe: async () => [scalingGroup], ofCluster: async () => [scalingGroup], activities: async () => [] },
  })
  const waiting: Condition = { type: 'Reconciling', status: 'True', reason: 'WaitingForConfirmation', message: '', lastTransitionTime: '' }
  const object = { ...draft.object, status: asked ? { conditions: [waiting] } : {} }
  const targets = { find: () => ({ state: 'ready', target }) as const }
  const result = await new EksNodeGroupReconciler({ targets, sizes, surroundings }).finalize({ ...draft, object }, context)
  return { ages, result }
}

test('a deletion that begins is decided on fresh answers', async () => {
  expect(await pass({ asked: false })).toEqual({ ages: [0], result: { kind: 'requeueAfter', ms: 600_000 } })
})

test('a deletion that waits for a person asks AWS nothing', async () => {
  expect(await pass({ asked: true })).toEqual({ ages: [600_000], result: { kind: 'requeueAfter', ms: 600_000 } })
})

test('once it is confirmed, or no node is left, the world is looked at afresh before anything goes', async () => {
  for (const given of [{ confirmed: true }, { nodes: 0 }])
    expect(await pass({ asked: true, ...given })).toEqual({ ages: [600_000, 0], result: { kind: 'checkpoint' } })
})

test('a deletion that is held back asks AWS nothing', async () => {
  expect(await pass({ asked: false, suspend: true })).toMatchObject({ ages: [600_000], result: { kind: 'requeueAfter' } })
})
