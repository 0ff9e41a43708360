import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import { stableHash } from '../../../lib/hash.ts'
import { requeueAfter } from '../../../runtime/reconciler.ts'
import { draining, type Given, handedOver, releasing, status, taint, time } from './test-release.ts'

function noAnswer(): never {
  throw new AwsError('Unavailable', { action: 'eks:DescribeNodegroup', reason: 'CloudUnreachable', code: 'none', message: 'no answer' })
}

function noTime(): never {
  throw new AwsError('Throttled', { action: 'eks:DescribeNodegroup', reason: 'Throttled', code: 'Throttling', message: 'Rate exceeded' })
}

test('P2: what stands of ours is taken back before the object goes: node, taint of the group, protection, rebalancing', async () => {
  const { done, note, notes, passes } = await releasing({})
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'resume AZRebalance', 'untaint tidegate.io/leaving'])
  expect(note).toBe('retained: it stays. Left behind: minSize and maxSize as they are now, they were 1/5')
  expect(notes.slice(0, -1)).toEqual(['the taint for nodes that come late is taken off the node group', 'AZRebalance of asg is on again'])
  expect(passes).toBe(3)
})

test('P2: also where the spec says nothing but that the group is watched', async () => {
  const { done, note } = await releasing({ bare: true })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'resume AZRebalance', 'untaint tidegate.io/leaving'])
  expect(note).not.toContain('protection')
})

test('P2: while a freeze holds, the object waits with what stands of ours, names both and the way out, and takes all back afterwards', async () => {
  const { says, done, note, passes } = await releasing({ heldPasses: 3, status: { ...status, deletion: { ...status.deletion, takingBackSince: time } } })
  expect(passes).toBe(6)
  expect(says[0]).toContain('Frozen: the deletion waits: this object is frozen until 2026-11-21T07:00:00Z')
  expect(says[0]).toContain('taint tidegate.io/leaving=u1 on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers; ')
  expect(says[0]).toContain('kubectl annotate --overwrite eksnodegroup workers -n training tidegate.io/abandon=u1')
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'resume AZRebalance', 'untaint tidegate.io/leaving'])
  expect(note).not.toContain('node-1')
})

test.each<[string, Given]>([
  ['nothing of ours stands', { status: { arn: 'arn:workers' } }],
  ['a person abandoned what stands', { annotations: { 'tidegate.io/abandon': 'u1' } }],
  ['the cluster is gone with all that stood there', { isGone: true }],
])('a freeze keeps no object where %s', async (_, given) => {
  expect(await releasing({ ...given, heldPasses: 20 })).toMatchObject({ done: [], passes: 1 })
})

test('where nothing of ours stands the object goes at once', async () => {
  expect(await releasing({ status: { arn: 'arn:workers' } })).toMatchObject({ done: [], note: 'retained: it stays', passes: 1, says: [] })
})

test('a node that AWS ends already keeps its mark', async () => {
  const { done, note } = await releasing({ status: { removals: [{ ...draining, state: 'Removing' }] }, lifecycleState: 'Terminating:Wait' })
  expect(done).toEqual([])
  expect(note).toBe('retained: it stays')
})

test.each<[string, Given]>([
  ['that somebody took out of the group', { isOutOfGroup: true }],
  ['that somebody takes out of the group', { lifecycleState: 'Detaching' }],
  ['that was handed over and that AWS was not asked for', { status: { removals: [handedOver] }, cannotHaveActed: true }],
  ['that was handed over and then taken out of the group', { status: { removals: [handedOver] }, cannotHaveActed: true, isOutOfGroup: true }],
])('P2: a node %s gets its mark off at once', async (_, given) => {
  const { done, passes } = await releasing({ status: { removals: [draining] }, ...given })
  expect(done).toContain('release node-1 of u1')
  expect(passes).toBe(2)
})

test('one that AWS was asked for and has ended keeps its mark', async () => {
  expect((await releasing({ status: { removals: [handedOver] }, isOutOfGroup: true })).done).toEqual([])
})

test('a node that AWS may have been asked to end is waited for until the call has surely arrived', async () => {
  const { done, passes } = await releasing({ status: { removals: [handedOver] } })
  expect(done).toEqual(['release node-1 of u1'])
  expect(passes).toBeGreaterThan(10)
})

test.each<[string, Given]>([
  ['was lost', {}],
  ['was lost, and which is to be asked for again', { cannotHaveActed: true, wasLost: true }],
])('P1: one keeps its mark, and is named, where AWS shows that it took the call of which the answer %s', async (_, given) => {
  const { done, note, passes } = await releasing({ ...given, status: { removals: [handedOver] }, desiredCapacity: 0 })
  expect(done).toEqual([])
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 on node-1')
  expect(passes).toBeGreaterThan(14)
})

test('AWS does not answer: nodes are released, and the rest is named, in the Event and in the audit line', async () => {
  const { done, note, passes, logged } = await releasing({ look: noAnswer })
  expect(done).toEqual(['release node-1 of u1'])
  expect(note).toContain(
    'Left behind: taint tidegate.io/leaving=u1 of the node group and its nodes; protection from scale-in on i-1; the suspension of AZRebalance on asg',
  )
  const audit = { system: 'kubernetes', action: 'release', target: 'eksnodegroups training/workers', left: note }
  expect(logged).toMatchObject([{ level: 'info', msg: 'object released', audit }])
  expect(passes).toBe(2)
})

test('the cluster cannot be reached: the object goes at once, and all is named', async () => {
  const { done, note, passes } = await releasing({ reachable: false })
  expect({ done, passes }).toEqual({ done: [], passes: 1 })
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers; ')
})

test('a cluster that is gone took everything with it', async () => {
  expect(await releasing({ isGone: true, reachable: false })).toMatchObject({ done: [], note: 'retained: it stays', passes: 1, says: [] })
})

test('EKS is busy with the group: tried for half a minute, then its taint is named', async () => {
  const { done, note, passes } = await releasing({ group: { state: 'Updating' } })
  expect(done).toEqual(['release node-1 of u1', 'protect false i-1', 'resume AZRebalance'])
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 of the node group and its nodes')
  expect(passes).toBeGreaterThan(14)
})

test('P2: whoever comes back when the half minute is over, as after a death, tries once, and names what that did not reach', async () => {
  const before = { ...status.deletion, takingBackSince: '2026-11-21T05:00:00Z' }
  const operation = { kind: 'UpdateConfig', paramsHash: stableHash({ remove: taint }), token: 'untaint', attempt: 1, startedAt: time } as const
  const { done, note, passes } = await releasing({ status: { ...status, deletion: before, operation } })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'resume AZRebalance', 'untaint tidegate.io/leaving'])
  expect(note).toContain('(EKS was asked to take it off, and does not show that yet)')
  expect(note).not.toContain('on node-1')
  expect(passes).toBe(1)
})

test('P1, B5: a number that the dead one asked for may still be taken: its protection comes off when it cannot any more, also after the half minute', async () => {
  const before = { takingBackSince: '2026-11-21T05:00:00Z' }
  const { done, note, passes, says } = await releasing({ status: { ...status, deletion: before }, isWithdrawalFound: true })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'resume AZRebalance'])
  expect(note).not.toContain('protection')
  expect(passes).toBe(11)
  expect(says.at(-1)).toMatch(/protection from scale-in on i-1\. AWS may still take a number that it was asked for/)
})

test('P2: also where AWS has no time for a look then: the nodes at least', async () => {
  const { done, note, passes } = await releasing({ status: { ...status, deletion: { takingBackSince: '2026-11-21T05:00:00Z' } }, look: noTime })
  expect(done).toEqual(['release node-1 of u1'])
  expect(note).toContain('Left behind: protection from scale-in on i-1')
  expect(passes).toBe(1)
})

test('P10: who finds it held by then, or changed, lets nothing go, also when the half minute is over', async () => {
  const over = { ...status, deletion: { takingBackSince: '2026-11-21T05:00:00Z' } }
  await expect(releasing({ status: over, look: () => requeueAfter(1_000) })).rejects.toThrow('the object does not go')
})

test('P1: AWS shows that it ends a node, and then answers no more: the node keeps its mark', async () => {
  const ending = { ...status, removals: [{ ...draining, state: 'Removing' as const }] }
  const { done, note } = await releasing({ status: ending, lifecycleState: 'Terminating:Wait', resume: noAnswer })
  expect(done).toEqual(['untaint tidegate.io/leaving'])
  expect(note).toContain('Left behind: ')
})

test('while AWS has no time for a look it is tried for half a minute', async () => {
  expect((await releasing({ look: noTime })).passes).toBeGreaterThan(14)
})

test.each(['look', 'release'] as const)('P2: an attempt that takes too long, at the %s, is made again, and takes all back', async (at) => {
  const { done, note } = await releasing({ slow: { passes: 4, at } })
  expect(done).toEqual(expect.arrayContaining(['release node-1 of u1', 'untaint tidegate.io/leaving', 'protect false i-1', 'resume AZRebalance']))
  expect(note).toBe('retained: it stays. Left behind: minSize and maxSize as they are now, they were 1/5')
})

test('P2: where all take too long the nodes are released after half a minute, and the rest is named', async () => {
  const { done, note, passes } = await releasing({ slow: { passes: 20, at: 'look' } })
  expect(done).toEqual(['release node-1 of u1'])
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 of the node group and its nodes; protection from scale-in on i-1')
  // Begun in the first; that of the twelfth is the first to end after half a minute, and no other is begun.
  expect(passes).toBe(12)
})

test('P2: the taint of the group is named where EKS takes the call and does not take it off; each new try has a token of its own', async () => {
  const { done, note, passes, tokens } = await releasing({ updateFails: true })
  expect(done.filter((one) => one.startsWith('untaint')).length).toBeGreaterThan(1)
  expect(new Set(tokens).size).toBe(tokens.length)
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 of the node group and its nodes (EKS was asked to take it off, and does not show that yet)')
  expect(passes).toBeGreaterThan(14)
})

test('P2: a taint that was asked for a moment before is waited for, and taken off when it shows', async () => {
  const { done, note } = await releasing({ taintShowsAfterS: 14 })
  expect(done).toContain('untaint tidegate.io/leaving')
  expect(note).not.toContain('taint tidegate.io/leaving')
})

test('one that does not show although its call has surely arrived is no reason to wait longer', async () => {
  const { done, note, passes } = await releasing({ taintShowsAfterS: 60 })
  expect(done.filter((one) => one.startsWith('untaint'))).toEqual([])
  expect(note).not.toContain('taint tidegate.io/leaving')
  expect(passes).toBe(11)
})

test('P1: a node that AWS ends and that no entry names keeps its mark too', async () => {
  const { done } = await releasing({ status: { deletion: { taintedAt: time } }, lifecycleState: 'Terminating:Wait' })
  expect(done).toEqual(['untaint tidegate.io/leaving'])
})

const two = { ...draining, nodeUID: 'n2', nodeName: 'node-2', instanceId: 'i-2' } as const

test('P2: one Node that the API server refuses to change keeps our mark on no other; it is tried for half a minute, then named', async () => {
  const { done, note, passes } = await releasing({ status: { removals: [draining, two] }, refuses: ['node-1'] })
  expect(new Set(done)).toEqual(new Set(['release node-2 of u1']))
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 on node-1')
  expect(note).not.toContain('node-2')
  expect(passes).toBeGreaterThan(14)
})

test('P2: also where AWS does not answer', async () => {
  const { done, note } = await releasing({ status: { removals: [draining, two] }, refuses: ['node-1'], look: noAnswer })
  expect(done).toEqual(['release node-2 of u1'])
  expect(note).toContain('Left behind: taint tidegate.io/leaving=u1 on node-1')
})

const ofOrder = { ...handedOver, orderUID: 'o1' } as const

test.each<[string, Given, object]>([
  ['its Node is there: the mark of its order is named', {}, { note: expect.stringContaining('Left behind: taint tidegate.io/leaving=o1 on node-1') }],
  ['its Node has gone: nothing is left', { isNodeGone: true }, { note: 'retained: it stays', passes: 2 }],
])('P2: the Auto Scaling group does not show, and AWS may have been asked to end a machine: while %s', async (_, given, expected) => {
  expect(await releasing({ ...given, isUnseen: true, status: { removals: [ofOrder] } })).toMatchObject({ ...expected, done: [] })
})

test.each([
  ['somebody took our tags off', {}],
  ['another object has the group', { 'tidegate.io/owner': 'u2', 'tidegate.io/object': 'training/others', 'tidegate.io/cluster': 'mc' }],
])('P2: %s: our mark comes off the node, nothing is written in AWS, and what stands there is named', async (_, tags) => {
  const { done, notes, passes } = await releasing({ group: { tags } })
  expect(done).toEqual(['release node-1 of u1'])
  expect(passes).toBe(2)
  expect(notes[0]).toContain('node group workers does not carry our mark and stays. Left behind: ')
  expect(notes[0]).toContain('protection from scale-in on i-1; the suspension of AZRebalance on asg')
  expect(notes.slice(1)).toContainEqual(expect.stringContaining('By hand, where no other object of Tidegate has node group workers: '))
})
