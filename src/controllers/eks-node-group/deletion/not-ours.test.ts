import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Node } from '../../../kube/objects.ts'
import { createLogger } from '../../../observability/logger.ts'
import type { FinalizeResult } from '../../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { finalizeGroup } from '../finalize.ts'
import { tagsOfMark } from '../ownership.ts'
import { lookAsNeeded } from './look-as-needed.ts'
import { draining, handedOver, status as everything, taint } from './test-release.ts'

const alone = 'node group workers does not carry our mark and stays'

interface Given {
  readonly status?: EksNodeGroupStatus
  readonly tags?: Readonly<Record<string, string>>
  readonly group?: Parameters<typeof aGroup>[0]
  readonly scalingGroup?: Parameters<typeof aScalingGroup>[0]
  readonly lifecycleState?: string
  /** What the API server answers the release of a node with. */
  readonly refusal?: KubeError
}

interface Ended {
  readonly result: FinalizeResult | Error
  /** Nodes that were released. AWS takes no write here: one would be an error. */
  readonly released: readonly string[]
  readonly events: readonly object[]
  /** Those of the Events, in their order. */
  readonly notes: readonly string[]
  readonly audits: readonly unknown[]
}

/** One pass of a deletion whose group has other tags than ours, ten minutes after what stands there was made. */
async function ending({ status = everything, tags = {}, group = {}, scalingGroup = {}, lifecycleState = 'InService', refusal }: Given): Promise<Ended> {
  const released: string[] = []
  const events: { readonly type: string; readonly reason: string; readonly note: string }[] = []
  const audits: unknown[] = []
  let node: Node = { metadata: { name: 'node-1', uid: 'n1', resourceVersion: '1' }, spec: { taints: [taint] } }
  const instance = { instanceId: 'i-1', zone: 'a', lifecycleState, protectedFromScaleIn: true }
  const tagged = { 'tidegate.io/suspended': 'AZRebalance/u1', 'tidegate.io/protected': 'u1' }
  const pass = aPass({
    object: { deletionTimestamp: '2026-11-21T05:00:00Z' },
    status: structuredClone(status),
    now: new Date('2026-11-21T06:10:00Z'),
    group: aGroup({ tags, taints: [taint], ...group }),
    scalingGroup: aScalingGroup({ instances: [instance], suspendedProcesses: ['AZRebalance'], tags: tagged, ...scalingGroup }),
    nodes: { inGroup: () => [node], byName: () => node, byInstance: () => node },
    drain: {
      release: async ({ name }, { uid }) => {
        if (refusal !== undefined) throw refusal
        released.push(`${name} of ${uid}`)
        node = { ...node, spec: {} }
        return { kind: 'gone' }
      },
    },
    event: ({ type, reason, note }) => void events.push({ type, reason, note }),
  })
  const write = (line: string): void => void audits.push((JSON.parse(line) as { readonly audit?: unknown }).audit)
  const context = { ...pass.context, log: createLogger({ level: 'info', destination: { write } }) }
  const result = await finalizeGroup({ ...pass, context }).catch((error: unknown) => error as Error)
  return { result, released, events, notes: events.map(({ note }) => note), audits }
}

test.each<[string, Given]>([
  ['somebody took our tags off', {}],
  ['another object has the group', { tags: tagsOfMark({ uid: 'u2', object: 'training/others', cluster: 'mc' }) }],
])('P2: %s: our marks come off the nodes, nothing is written in AWS, and what stands there is named with the lines', async (_, given) => {
  const { result, released, events, notes, audits } = await ending(given)
  expect({ result, released }).toEqual({ result: { kind: 'finalized' }, released: ['node-1 of u1'] })
  expect(new Set(events)).toMatchObject(new Set(notes.map((note) => ({ type: 'Warning', reason: 'NotOurs', note }))))
  const left = [
    'taint tidegate.io/leaving=u1 of the node group and its nodes',
    'protection from scale-in on i-1',
    'the suspension of AZRebalance on asg',
    'minSize and maxSize as they are now, they were 1/5',
  ]
  const untaint = "'removeTaints=[{key=tidegate.io/leaving,value=u1,effect=NO_SCHEDULE}]'"
  const byHand = 'By hand, where no other object of Tidegate has node group workers: '
  expect(notes).toEqual([
    `${alone}. Left behind: ${left.join('; ')}`,
    `${byHand}aws eks update-nodegroup-config --cluster-name demo --nodegroup-name workers --taints ${untaint}`,
    expect.stringMatching(
      /once its zones are even: aws autoscaling resume-processes --auto-scaling-group-name asg --scaling-processes AZRebalance; .*delete-tags/,
    ),
    `${byHand}aws autoscaling set-instance-protection --auto-scaling-group-name asg --no-protected-from-scale-in --instance-ids i-1`,
    `${byHand}aws autoscaling delete-tags --tags ResourceId=asg,ResourceType=auto-scaling-group,Key=tidegate.io/protected`,
  ])
  expect(audits).toEqual([{ system: 'kubernetes', action: 'release', target: 'eksnodegroups training/workers', left: notes.join('. ') }])
})

test('each protected machine is named in a command that is not cut off, however many there are and however long the names', async () => {
  const ids = Array.from({ length: 45 }, (_, n) => `i-0123456789abcde${String(n).padStart(2, '0')}`)
  const name = 'eks-a-node-group-with-a-name-of-sixty-three-characters-as-EKS-takes-it-01234567-89ab-cdef'
  const { notes } = await ending({
    status: { ...everything, withdrawal: { startedAt: '2026-11-21T05:00:00Z', target: 1, protected: ids } },
    scalingGroup: { name, instances: ids.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: true })) },
  })
  const lines = notes.filter((note) => note.includes('--no-protected-from-scale-in'))
  expect(lines.flatMap((line) => line.match(/i-[0-9a-f]{17}/g) ?? [])).toEqual(ids)
  expect(Math.max(...notes.map((note) => Buffer.byteLength(note)))).toBeLessThan(1024)
})

test('where nothing of ours stands nothing is named', async () => {
  const { result, released, events } = await ending({ status: { arn: 'arn:workers' }, group: { taints: [] } })
  expect(result).toEqual({ kind: 'finalized' })
  expect(released).toEqual(['node-1 of u1'])
  expect(events).toEqual([{ type: 'Warning', reason: 'NotOurs', note: alone }])
})

test.each<[string, Given]>([
  ['went with the group, of which another was made by that name', { group: { taints: [] }, scalingGroup: { name: 'other', tags: {}, instances: [] } }],
  ['somebody has undone already', { group: { taints: [] }, scalingGroup: { suspendedProcesses: [], tags: {} } }],
])('what %s is not named', async (_, given) => {
  const { deletion: _sizes, ...status } = everything
  expect((await ending({ status: { ...status, deletion: { taintedAt: '2026-11-21T06:00:00Z' } }, ...given })).notes).toEqual([alone])
})

test('P2: of what was taken back, and whose tags stayed, the tags alone are named: whoever suspended or protects by now is somebody else', async () => {
  const rebalance = { suspendedAt: '2026-11-21T06:00:00Z', resumedAt: '2026-11-21T06:01:00Z', scalingGroup: 'asg' }
  const withdrawal = { target: 1, protected: [], startedAt: '2026-11-21T06:00:00Z' }
  const { notes } = await ending({ status: { rebalance, withdrawal } })
  const untag =
    'By hand, where no other object of Tidegate has node group workers: aws autoscaling delete-tags --tags ResourceId=asg,ResourceType=auto-scaling-group,Key='
  expect(notes).toEqual([
    `${alone}. Left behind: the tag of the protection from scale-in; the tag of the suspension of AZRebalance on asg`,
    `${untag}tidegate.io/suspended`,
    `${untag}tidegate.io/protected`,
  ])
})

test('a taint that was asked for a moment ago, and may still come, is named', async () => {
  const { notes } = await ending({ status: { deletion: { taintedAt: '2026-11-21T06:09:55Z' } }, group: { taints: [] } })
  expect(notes[0]).toContain('Left behind: taint tidegate.io/leaving=u1 of the node group')
})

test('P1: a machine that AWS ends already keeps its mark', async () => {
  expect(await ending({ status: { removals: [handedOver] }, lifecycleState: 'Terminating:Wait' })).toMatchObject({ released: [], notes: [alone] })
})

test('P2: a Node that the API server refuses to change is named, and holds the object no longer', async () => {
  const { result, notes } = await ending({ status: { removals: [draining] }, refusal: new KubeError(403, 'Forbidden', 'a webhook says no') })
  expect(result).toEqual({ kind: 'finalized' })
  expect(notes).toEqual([`${alone}. Left behind: taint tidegate.io/leaving=u1 on node-1, with label node.kubernetes.io/exclude-from-external-load-balancers`])
})

test('P2: while the API server has no answer the object waits with its marks', async () => {
  const refusal = new KubeError(503, 'ServiceUnavailable', 'later')
  expect(await ending({ status: { removals: [draining] }, refusal })).toMatchObject({ result: refusal, events: [] })
})

test('P6: that a group is not ours is not believed of an answer that may be minutes old', async () => {
  const looks: boolean[] = []
  const waits = { type: 'Reconciling', status: 'True', reason: 'WaitingForWindow', message: '', lastTransitionTime: '' } as const
  const scalingGroup = aScalingGroup({ instances: [{ instanceId: 'i-1', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }] })
  const given = {
    object: { annotations: { 'tidegate.io/confirm-deletion': 'u1' } },
    spec: { scaleDown: { drain: 'None', timeout: '1h', onTimeout: 'Wait', azRebalance: 'Suspend' } },
    // It is Saturday.
    windows: [{ days: ['Monday' as const], start: '00:00', end: '24:00' }],
    scalingGroup,
  } as const
  const look = async (fresh: boolean) => {
    looks.push(fresh)
    return aPass({ ...given, group: aGroup(fresh ? {} : { tags: {} }) })
  }
  const { draft } = aPass()
  const found = await lookAsNeeded({ ...draft, object: { ...draft.object, status: { conditions: [waits] } } }, look)
  expect(looks).toEqual([false, true])
  expect(found.seen.group?.tags).toMatchObject({ 'tidegate.io/owner': 'u1' })
})
