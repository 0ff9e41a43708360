import { expect, test } from 'vitest'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { aRemoval } from '../removals/test-world.ts'
import { drainRemovals } from './drain-removals.ts'

/** Two nodes leave: what is done with the first fails so, the second is empty. */
async function twoNodes(cause: Error, message = '') {
  const removals = [aRemoval('i-1', { message }), aRemoval('i-2')]
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    status: { removals },
    drain: {
      drainNode: async ({ node }) => {
        if (node.name === 'node-i-1') throw cause
        return { state: { step: 'Empty' }, progress: { left: 0, blocked: [], message: '' }, next: { kind: 'empty' } }
      },
    },
  })
  const result = await drainRemovals(pass).catch((reason: unknown) => reason)
  return { result, after: pass.draft.status.removals, inSync: pass.draft.conditions.get('InSync') }
}

test('a node that a webhook lets nobody change holds no other back, and is named', async () => {
  const { result, after, inSync } = await twoNodes(new KubeError(403, 'Forbidden', 'admission webhook "nodes.example" denied the request'))
  expect(result).toEqual({ kind: 'checkpoint' })
  expect(after?.map(({ state }) => state)).toEqual(['Accepted', 'Removing'])
  expect(after?.[0]?.message).toContain('nodes.example')
  expect(inSync).toMatchObject({ reason: 'DrainBlocked', message: expect.stringContaining('node-i-1: the API server refuses') })
})

test('the text of a refusal does not change with every attempt', async () => {
  const first = await twoNodes(new KubeError(422, 'Invalid', 'denied at 06:00:00'))
  const text = first.after?.[0]?.message ?? ''
  const { after } = await twoNodes(new KubeError(422, 'Invalid', 'denied at 06:00:15'), text)
  expect(after?.[0]?.message).toBe(text)
})

test('an API server that does not answer ends the pass, after what the others found out is kept', async () => {
  const { result, after } = await twoNodes(new KubeError(0, 'NoAnswer', 'reset'))
  expect(result).toBeInstanceOf(KubeError)
  expect(after?.map(({ state }) => state)).toEqual(['Accepted', 'Removing'])
})

/** What becomes of a node that goes without a drain while EKS has the group in this state. */
async function undrainedWhile(state: 'Active' | 'Updating') {
  const pass = aPass({
    group: aGroup({ state }),
    scalingGroup: aScalingGroup(),
    spec: { scaleDown: { drain: 'None', timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' } },
    status: { removals: [aRemoval('i-1')] },
  })
  await drainRemovals(pass)
  return pass.draft.status.removals?.[0]?.state
}

test('P10: without a drain a node is handed over only when AWS can be asked: until then it can be taken back', async () => {
  expect(await undrainedWhile('Updating')).toBe('Accepted')
  expect(await undrainedWhile('Active')).toBe('Removing')
})

const deletionTimestamp = '2026-11-21T06:00:00Z'

const asked = 'AWS is asked to end it'
const asWhole = 'is empty, and goes with its group'
const busy = 'is empty, and waits until EKS has ended what it does with the group (Updating)'
const wreck = 'is empty, and stays: no node of a group that is DeleteFailed is ended by itself: do what condition Provisioned says'

test.each<[string, NodeGroup['state'], object, string, string, number | undefined]>([
  ['Active', 'Active', {}, 'Removing', asked, undefined],
  ['Degraded', 'Degraded', {}, 'Removing', asked, undefined],
  ['being updated', 'Updating', {}, 'Draining', busy, 10_000],
  ['being updated while the object is deleted', 'Updating', { deletionTimestamp }, 'Draining', busy, 10_000],
  ['a wreck that goes as a whole when it is empty', 'DeleteFailed', { deletionTimestamp }, 'Removing', asWhole, undefined],
  ['a wreck that nobody deletes', 'DeleteFailed', {}, 'Draining', wreck, 30_000],
])('P10: an empty node of a group that is %s', async (_, state, object, expected, message, inMs) => {
  let passes = 0
  const pass = aPass({
    object,
    group: aGroup({ state }),
    scalingGroup: aScalingGroup(),
    status: { removals: [aRemoval('i-1')] },
    drain: {
      drainNode: async () => {
        passes += 1
        return { state: { step: 'Empty' }, progress: { left: 0, blocked: [], message: 'nothing is left' }, next: { kind: 'empty' } }
      },
    },
  })
  await drainRemovals(pass)
  const [first] = pass.draft.status.removals ?? []
  expect(first).toMatchObject({ state: expected, drain: { step: 'Empty' } })
  expect(first?.call === undefined).toBe(expected === 'Draining')
  expect(first?.message).toBe(message)
  expect(pass.agenda.sooner({ kind: 'awaitChange' })).toEqual(inMs === undefined ? { kind: 'awaitChange' } : { kind: 'requeueAfter', ms: inMs })
  // Nobody looks again and again, maybe for hours, unless a pod comes back.
  await drainRemovals(pass)
  expect(pass.draft.status.removals).toEqual([first])
  expect(passes).toBe(1)
  await drainRemovals({ ...pass, target: { ...pass.target, nodes: { ...pass.target.nodes, podsOn: () => 1 } } })
  expect(passes).toBe(expected === 'Draining' ? 2 : 1)
})

test('P8: a drain that failed tells how to try again, however long the text of what was in the way', async () => {
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    status: { removals: [aRemoval('i-1')] },
    drain: {
      drainNode: async () => ({ state: { step: 'Failed' }, progress: { left: 1, blocked: [], message: 'x'.repeat(5_000) }, next: { kind: 'failed' } }),
      release: async () => ({ kind: 'gone' }),
    },
  })
  await drainRemovals(pass)
  const [one] = pass.draft.status.removals ?? []
  expect(one).toMatchObject({ state: 'Refused', message: expect.stringContaining('tidegate.io/retry=') })
  expect(one?.message.length).toBeLessThanOrEqual(1_024)
})
