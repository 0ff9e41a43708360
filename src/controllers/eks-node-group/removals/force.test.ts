import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { chooseRemovals } from '../acts/choose-removals.ts'
import { drainRemovals } from '../acts/drain-removals.ts'
import { letGo } from '../acts/let-go.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Act } from '../pass.ts'
import type { Removal } from './removal.ts'
import { aRemoval } from './test-world.ts'

interface Given {
  readonly act?: Act
  readonly removals?: readonly Removal[]
  readonly scaleDown?: { readonly drain?: 'Evict' | 'None'; readonly onTimeout?: 'Wait' | 'Fail' | 'Force' }
  readonly mayForce?: () => Promise<boolean | undefined>
}

/** One act over a group of one node that nobody wants any more: what was asked of the target, in order, and what the conditions say. */
async function acted({ act = drainRemovals, removals = [aRemoval('i-1')], scaleDown = {}, mayForce = async () => false }: Given = {}) {
  const asked: string[] = []
  const instance = { instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }
  const node = { metadata: { name: 'node-i-1', uid: 'uid-i-1', resourceVersion: '1' }, spec: { providerID: 'aws:///us-west-2a/i-1' } }
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ minSize: 0, instances: [instance] }),
    spec: {
      scaling: { minSize: 0, maxSize: 10, desiredSize: 0, sizeOwner: 'Spec', allowLarge: false },
      scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Force', azRebalance: 'Suspend', ...scaleDown },
    },
    status: { removals: [...removals] },
    nodes: { byInstance: () => node, byName: () => node },
    drain: {
      mayForce: async () => {
        asked.push('mayForce')
        return await mayForce()
      },
      outOfService: async () => await Promise.reject(new KubeError(403, 'Forbidden', 'webhook says no')),
      drainNode: async () => {
        asked.push('drainNode')
        return { state: { step: 'Draining' }, progress: { left: 1, blocked: [], message: '1 pod is left' }, next: { kind: 'wait', ms: 5000 } }
      },
    },
  })
  const result = await act(pass).catch((cause: unknown) => cause)
  return { asked, result, inSync: pass.draft.conditions.get('InSync') }
}

const says = expect.stringMatching(/target does not let us delete pods.*bind the ClusterRole tidegate-force-drain.*; 1 node leaving: node-i-1: /)

test('P8: that Force cannot do what it says is told with the choice of the nodes, before one is touched', async () => {
  const { asked, result, inSync } = await acted({ act: chooseRemovals, removals: [] })
  expect(asked).toEqual(['mayForce'])
  expect(result).toEqual({ kind: 'checkpoint' })
  expect(inSync).toMatchObject({ status: 'False', reason: 'ForceNotPermitted', message: says })
})

test('it is asked before each drain, which goes on all the same', async () => {
  const { asked, inSync } = await acted()
  expect(asked).toEqual(['mayForce', 'drainNode'])
  expect(inSync).toMatchObject({ reason: 'ForceNotPermitted', message: says })
})

test('a Node that the API server refuses to change hides nothing of it', async () => {
  const gone = aRemoval('i-2', { state: 'Removing', call: { token: 't', at: '2026-11-21T05:00:00Z' } })
  const { inSync } = await acted({ act: letGo, removals: [aRemoval('i-1', { state: 'Draining' }), gone] })
  expect(inSync).toMatchObject({ reason: 'ForceNotPermitted', message: expect.stringMatching(/bind the ClusterRole tidegate-force-drain.*webhook says no/) })
})

test('where the target permits it, nothing is said', async () => {
  expect((await acted({ mayForce: async () => true })).inSync.reason).toBe('RemovingNodes')
})

test('while nobody can tell, nothing is said and nothing held up', async () => {
  const { asked, inSync } = await acted({ mayForce: async () => undefined })
  expect(asked).toEqual(['mayForce', 'drainNode'])
  expect(inSync.reason).toBe('RemovingNodes')
})

test.each<[string, Given]>([
  ['onTimeout is Wait', { scaleDown: { onTimeout: 'Wait' } }],
  ['onTimeout is Fail', { scaleDown: { onTimeout: 'Fail' } }],
  ['there is no drain', { scaleDown: { drain: 'None' } }],
  ['the drain is over', { removals: [aRemoval('i-1', { state: 'Removing' })] }],
  ['no Node is there to be drained', { removals: [{ instanceId: 'i-1', state: 'Accepted', message: '' }] }],
])('nobody asks where %s', async (_, given) => {
  const { asked, inSync } = await acted(given)
  expect(asked).not.toContain('mayForce')
  expect(inSync.reason).not.toBe('ForceNotPermitted')
})
