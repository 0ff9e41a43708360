import { expect, test } from 'vitest'
import { KubeError } from '../../../kube/kube-error.ts'
import { aGroup, aPass, aScalingGroup } from '../a-pass.ts'
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
