import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { chooseRemovals } from '../acts/choose-removals.ts'
import { drainRemovals } from '../acts/drain-removals.ts'
import { endInstances } from '../acts/end-instances.ts'
import type { Pass } from '../pass.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { lastLook } from './last-look.ts'
import { OnceTokens } from './once.ts'
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

const taken = 'if i-old runs on and was taken out of the group on purpose: kubectl label node ip-10-0-0-5 eks.amazonaws.com/nodegroup-; otherwise, '
const remedy = 'to let it join anew: kubectl drain ip-10-0-0-5 --ignore-daemonsets, then kubectl delete node ip-10-0-0-5'

test.each([
  ['that names no instance', aNode(undefined), 'is not set; '],
  ['of a machine before it, whose name it has got', aNode('i-old'), `names no instance of the group (aws:///us-west-2a/i-old); ${taken}`],
])('P1: a Node %s may be that of an instance without one: it is not ended with its pods', async (_, node, why) => {
  const said = `Node ip-10-0-0-5 of the group may run on it: its spec.providerID ${why}${remedy}`
  const { pass, removal } = passOver(node)
  await drainRemovals(pass)
  expect(pass.draft.status.removals).toMatchObject([{ state: 'Accepted', message: said }])
  // It may have joined after the instance was found to have no Node, or, of a group that goes, before its nodes were kept empty.
  for (const late of [false, true]) {
    const looked = await lastLook({ ...pass, lateNodesStayEmpty: late }, { ...removal, state: 'Removing' })
    expect(looked).toEqual({ kind: 'Anew', message: said })
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

test('P7: a Node that names no instance and stands, also from after the intent, is one write of the status and one look at AWS', async () => {
  const start = Date.parse('2026-11-21T06:00:00Z')
  let tokens = 0
  const once = new OnceTokens({ id: () => `token-${tokens++}` })
  const call = { token: once.make(), at: '2026-11-21T05:59:59Z' }
  const node = aNode(undefined)
  const scalingGroup = aScalingGroup({ minSize: 0, instances: [instance] })
  const nodes = { inGroup: () => [node], byName: () => node, namesInGroup: async () => [node.metadata.name] }
  const seen = { writes: 0, looks: 0, asked: 0, passes: 0 }
  let status: Pass['draft']['status'] = {
    nodes: { running: 1, joined: 0, ready: 0, summary: '0/1', missing: [{ instanceId: 'i-new', since: old }] },
    removals: [{ instanceId: 'i-new', state: 'Removing', message: 'AWS is asked to end it', since: call.at, call }],
  }
  for (let ms = 0; ms < 600_000; seen.passes += 1) {
    const given = aPass({
      now: new Date(start + ms),
      spec: { scaling: { minSize: 0, maxSize: 10, desiredSize: 0, sizeOwner: 'Spec', allowLarge: false } },
      group: aGroup(),
      scalingGroup,
      status,
      nodes,
      scalingGroups: { describe: async () => ((seen.looks += 1), [scalingGroup]), terminate: async () => void (seen.asked += 1) },
    })
    const pass = { ...given, once }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const result =
      (await chooseRemovals(pass)) ?? (await drainRemovals(pass)) ?? (await endInstances(pass)) ?? pass.agenda.sooner({ kind: 'requeueAfter', ms: 30_000 })
    if (JSON.stringify(pass.draft.status) !== JSON.stringify(status)) seen.writes += 1
    status = pass.draft.status
    ms += Math.max(100, result.kind === 'requeueAfter' ? result.ms : 0)
  }
  expect(seen).toEqual({ writes: 1, looks: 1, asked: 0, passes: expect.toSatisfy((passes: number) => passes <= 22) })
  expect(status.removals).toMatchObject([{ state: 'Accepted', message: expect.stringContaining('spec.providerID is not set') }])
})
