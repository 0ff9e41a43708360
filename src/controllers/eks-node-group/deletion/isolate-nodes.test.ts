import { expect, test } from 'vitest'
import type { Mark } from '../../../drain/mark.ts'
import type { Node } from '../../../kube/objects.ts'
import type { Holder } from '../../../runtime/freeze.ts'
import type { FinalizeResult } from '../../../runtime/reconciler.ts'
import { aGroup, aPass } from '../test-pass.ts'
import { finalizeGroup } from '../finalize.ts'
import { isolateNodes } from './isolate-nodes.ts'
import { standing } from './standing.ts'

const time = '2026-11-21T06:00:00Z'
const deleted = { deletionTimestamp: time, annotations: { 'tidegate.io/confirm-deletion': 'u1' } }
/** It is Saturday. */
const closed = [{ days: ['Monday' as const], start: '00:00', end: '24:00' }]

function aNode(name: string): Node {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: '1' }, spec: {} }
}

interface Given {
  readonly windows?: typeof closed
  readonly status?: NonNullable<Parameters<typeof aPass>[0]>['status']
  /** As the API server has them. */
  readonly names?: readonly string[]
  /** The watch has not shown them. */
  readonly isUnseen?: boolean
  readonly heldBy?: Mark
  readonly pods?: readonly string[]
}

/** Passes over the deletion of a group whose Auto Scaling group does not show: what was done in this order, and what was said last. */
async function deleting(given: Given, passes = 4) {
  const done: string[] = []
  let { status } = aPass({ status: given.status ?? { arn: 'arn:workers' } }).draft
  let result: FinalizeResult = { kind: 'finalized' }
  let said = { reason: '', message: '' }
  for (let count = 0; count < passes; count += 1) {
    const pass = aPass({
      object: deleted,
      status,
      group: aGroup(),
      windows: given.windows ?? [],
      nodeGroups: { delete: async () => void done.push('delete') },
      nodes: {
        byName: (name) => (given.isUnseen === true ? undefined : aNode(name)),
        namesInGroup: async () => given.names ?? ['node-1', 'node-2'],
        podsInTheWay: async (name) => {
          done.push(`look ${name}`)
          return given.pods ?? []
        },
      },
      drain: {
        isolate: async ({ name, uid }, mark) => {
          if (given.heldBy !== undefined) return { kind: 'held', by: given.heldBy }
          done.push(`isolate ${name} ${uid} ${mark.kind} ${mark.uid} ${standing(pass.draft).length}`)
          return { kind: 'done', node: aNode(name), changed: true }
        },
      },
    })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    result = await finalizeGroup(pass)
    status = pass.draft.status
    said = pass.draft.conditions.compose(new Date(time), 1).find(({ type }) => type === 'Reconciling') ?? said
  }
  return { done, result, said, status }
}

test('P1: while the Auto Scaling group does not show, EKS, which evicts, is asked inside a window alone', async () => {
  const { done, said, status } = await deleting({ windows: closed })
  expect(done).toEqual([])
  expect(said).toMatchObject({ reason: 'WaitingForWindow', message: expect.stringContaining('an unknown number of nodes') })
  expect(status.deletion?.taintedAt).toBeUndefined()
})

test('P1: the nodes are kept free of new pods before the last look for pods, and what stands of ours is in the status before', async () => {
  const { done } = await deleting({})
  expect(done.slice(0, 4)).toEqual(['isolate node-1 uid-node-1 leaving u1 1', 'isolate node-2 uid-node-2 leaving u1 1', 'look node-1', 'look node-2'])
  expect(done.indexOf('delete')).toBeGreaterThan(3)
})

test.each<[string, NonNullable<Parameters<typeof aPass>[0]>['status'], string]>([
  ['an order', { removals: [{ instanceId: 'i-1', orderUID: 'o1', nodeUID: 'uid-node-1', nodeName: 'node-1', state: 'Draining', message: '' }] }, 'o1'],
  ['an earlier life of the object', { ownership: { origin: 'Created', since: time, formerUIDs: ['u0'] } }, 'u0'],
])('a mark of our own for %s keeps pods off as well: nobody else would release it', async (_, status, uid) => {
  const { done } = await deleting({ names: ['node-1'], heldBy: { kind: 'leaving', uid }, status: { arn: 'arn:workers', ...status } })
  expect(done).toContain('delete')
})

test('what has begun inside a window is finished', async () => {
  expect((await deleting({ windows: closed, status: { arn: 'arn:workers', deletion: { taintedAt: time } } })).done).toContain('delete')
})

test('without a Node there is nothing to keep free', async () => {
  const { done, status } = await deleting({ names: [] }, 2)
  expect(done).toEqual(['delete'])
  expect(status.deletion).toEqual({ startedAt: '2026-11-21T06:00:00Z' })
})

test.each<[string, Given, object]>([
  ['a Node that the watch has not shown', { isUnseen: true }, { reason: 'RemovingNodes', message: expect.stringContaining('node-1, node-2') }],
  [
    'a Node that another keeps',
    { heldBy: { kind: 'maintenance', uid: 'other' } },
    { reason: 'DrainBlocked', message: expect.stringMatching(/node-1 .*tidegate\.io\/maintenance=other/) },
  ],
  ['a pod in the way', { pods: ['team/web'] }, { reason: 'DrainBlocked', message: expect.stringMatching(/team\/web, and the Auto Scaling group .*not show/) }],
])('%s is waited for', async (_, given, said) => {
  const after = await deleting(given)
  expect(after.done).not.toContain('delete')
  expect(after.result).toMatchObject({ kind: 'requeueAfter' })
  expect(after.said).toMatchObject(said)
})

test('P10: a freeze that no watch shows lets at most the batch of fifty marks go on, and EKS is not asked', async () => {
  const frozen: Holder = { what: 'TargetCluster demo', suspend: false, annotations: { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' } }
  const isolated: string[] = []
  // As the client does it: one after the other, and asks when its rate limit has let the call pass.
  const write = async (before: Promise<void>, name: string, confirm: (() => Promise<void>) | undefined): Promise<void> => {
    await before
    await confirm?.()
    isolated.push(name)
  }
  let turn = Promise.resolve()
  const nodes = Array.from({ length: 200 }, (_, index) => `node-${index}`)
  const pass = aPass({
    object: deleted,
    status: { arn: 'arn:workers', deletion: { startedAt: time, taintedAt: time } },
    group: aGroup(),
    nodes: { byName: aNode, namesInGroup: async () => nodes },
    drain: {
      isolate: async ({ name }, _mark, { confirm }) => {
        turn = write(turn, name, confirm)
        await turn
        return { kind: 'done', node: aNode(name), changed: true }
      },
    },
  })
  const askHolders = async (): Promise<readonly Holder[]> => (isolated.length >= 30 ? [frozen] : [])
  const result = await isolateNodes({ ...pass, surroundings: { ...pass.surroundings, askHolders } })
  expect(isolated.length).toBeLessThanOrEqual(100)
  expect(result).toMatchObject({ kind: 'requeueAfter' })
  expect(pass.draft.conditions.compose(new Date(time), 1).find(({ type }) => type === 'Paused')).toMatchObject({ status: 'True', reason: 'Frozen' })
})
