import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { drainRemovals } from '../acts/drain-removals.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { lastLook } from './last-look.ts'
import type { Removal } from './removal.ts'
import { strangerInWords } from './unseen-node.ts'

const old = '2026-11-20T06:00:00Z'
const instance = { instanceId: 'i-new', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }

function aNode(instanceId: string | undefined, ready: 'True' | 'False' | 'Unknown' = 'True'): Node {
  return {
    metadata: { name: 'ip-10-0-0-5', uid: 'n1', resourceVersion: '1' },
    spec: instanceId === undefined ? {} : { providerID: `aws:///us-west-2a/${instanceId}` },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  }
}

/** A group of one instance whose Node nobody knows, and a Node of the group that is there. */
function passOver(node: Node, lateNodesStayEmpty = false) {
  const removal: Removal = { instanceId: 'i-new', state: 'Accepted', message: '', since: old }
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ instances: [instance] }),
    status: { removals: [removal] },
    nodes: { inGroup: () => [node], byName: () => node, namesInGroup: async () => [node.metadata.name] },
  })
  return { removal, pass: { ...pass, lateNodesStayEmpty } }
}

const remedy = 'to let it join anew: kubectl drain ip-10-0-0-5 --ignore-daemonsets, then kubectl delete node ip-10-0-0-5'

test.each([
  ['that names no instance', aNode(undefined), 'is not set'],
  ['of a machine before it, whose name it has got', aNode('i-old'), 'names no instance of the group (aws:///us-west-2a/i-old)'],
])('P1: a Node %s may be that of an instance without one: it is not ended with its pods', async (_, node, why) => {
  const said = `Node ip-10-0-0-5 of the group may run on it: its spec.providerID ${why}; ${remedy}`
  const { pass, removal } = passOver(node)
  await drainRemovals(pass)
  expect(pass.draft.status.removals).toMatchObject([{ state: 'Accepted', message: said }])
  // It may have joined after the instance was found to have no Node, or, of a group that goes, before its nodes were kept empty.
  for (const late of [false, true]) {
    const looked = await lastLook({ ...pass, lateNodesStayEmpty: late }, { ...removal, state: 'Removing' })
    expect(looked).toEqual({ kind: 'Wait', message: said })
  }
})

test.each([
  ['of another instance of the group', aNode('i-new')],
  ['that another machine left behind', aNode('i-old', 'Unknown')],
])('a Node %s keeps no instance', async (_, node) => {
  const { pass, removal } = passOver(node)
  expect(strangerInWords(pass)).toBeUndefined()
  expect(await lastLook(pass, { ...removal, state: 'Removing' })).toBeUndefined()
})
