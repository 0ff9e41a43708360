import { expect, test } from 'vitest'
import { KubeError } from '../../../kube/kube-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { EksNodeGroupReconciler } from '../reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { fillSize } from './fill-size.ts'

const scaling = { minSize: 0, maxSize: 200, sizeOwner: 'Orders', allowLarge: false } as const

function withAnswer(error?: KubeError): { readonly pass: Pass; readonly written: number[] } {
  const written: number[] = []
  const setDesiredSize = async (_group: object, size: number): Promise<string> => {
    if (error !== undefined) throw error
    written.push(size)
    return '2'
  }
  const pass = aPass({ spec: { scaling }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 150 }), sizes: { setDesiredSize } })
  return { pass, written }
}

test('the number of nodes that is there is filled in where orders own it', async () => {
  const { pass, written } = withAnswer()
  expect(await fillSize(pass)).toEqual({ kind: 'wrote', resourceVersion: '2' })
  expect(written).toEqual([150])
})

test('P5: nothing is filled in before a group shows: one that is found later keeps its nodes', async () => {
  const written: number[] = []
  const setDesiredSize = async (_group: object, size: number): Promise<string> => (written.push(size), '2')
  expect(await fillSize(aPass({ spec: { scaling }, sizes: { setDesiredSize } }))).toBeUndefined()
  expect(await fillSize(aPass({ spec: { scaling }, group: aGroup(), sizes: { setDesiredSize } }))).toBeUndefined()
  expect(written).toEqual([])
})

test("B7: what EKS adds for the time of an update is nobody's number: it is filled in afterwards", async () => {
  const { pass, written } = withAnswer()
  expect(await fillSize({ ...pass, seen: { ...pass.seen, group: aGroup({ state: 'Updating' }) } })).toBeUndefined()
  expect(written).toEqual([])
})

function at(desiredCapacity: number): ScalingGroup {
  return aScalingGroup({ minSize: 0, maxSize: 200, desiredCapacity })
}

test('B1: it is the number that AWS tells now, not that of the shared read from before a growth', async () => {
  const written: number[] = []
  const { draft, context, surroundings, target } = aPass({
    spec: { scaling },
    nodeGroups: { describe: async () => aGroup({ scaling: { minSize: 0, maxSize: 200, desiredSize: 3 } }) },
    scalingGroups: { ofCluster: async () => [at(3)], describe: async () => [at(8)], activities: async () => [] },
  })
  draft.conditions.setTrue('Provisioned', 'Active')
  draft.conditions.setTrue('NodesReady', 'NodesReady')
  const reconciler = new EksNodeGroupReconciler({
    targets: { find: () => ({ state: 'ready', target }) },
    sizes: { setDesiredSize: async (_group, size) => (written.push(size), '2') },
    surroundings,
  })
  await reconciler.reconcile(draft, context)
  expect(written).toEqual([8])
})

test('a number that the rules of the kind refuse needs a person, who is told the remedy', async () => {
  const { pass } = withAnswer(
    new KubeError(422, 'Invalid', 'desiredSize above 100 needs allowLarge: true', { details: { causes: [{ field: 'spec.scaling' }] } }),
  )
  await expect(fillSize(pass)).rejects.toMatchObject({
    name: 'TerminalError',
    reason: 'SizeRefused',
    message: expect.stringMatching(/150.*needs allowLarge: true.*set scaling\.allowLarge to true/),
  })
})

const others: Record<string, KubeError> = {
  'somebody was first': new KubeError(409, 'Conflict', 'the object has been modified'),
  'the name belongs to another object by now': new KubeError(422, 'Invalid', 'uid', { details: { causes: [{ field: 'metadata.uid' }] } }),
  'no answer came': new KubeError(0, 'NoAnswer', 'no answer'),
}
test.each(Object.entries(others))('%s: the runtime decides when to look again', async (_, error) => {
  await expect(fillSize(withAnswer(error).pass)).rejects.toBe(error)
})
