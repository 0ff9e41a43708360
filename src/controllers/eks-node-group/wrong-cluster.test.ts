import { expect, test } from 'vitest'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import type { FinalizeResult } from '../../runtime/reconciler.ts'
import type { TargetState } from './ports.ts'
import { EksNodeGroupReconciler } from './reconciler.ts'
import { aPass } from './test-pass.ts'
import { wrongCluster } from './wrong-cluster.ts'

const arn = 'arn:aws:eks:us-west-2:111122223333:nodegroup/old/workers/8b6c1f0e'
const cluster = 'arn:aws:eks:us-west-2:111122223333:cluster/old'

const gone = { state: 'gone', reason: 'TargetGone', message: 'it is gone', eks: undefined } as const

test.each([
  ['the cluster in which the group was made', arn, cluster, false],
  ['one of another name', arn, 'arn:aws:eks:us-west-2:111122223333:cluster/new', true],
  ['one in another region', arn, 'arn:aws:eks:eu-central-1:111122223333:cluster/old', true],
  ['one in another account', arn, 'arn:aws:eks:us-west-2:444455556666:cluster/old', true],
  ['one in another partition, which is another region', arn, 'arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/old', true],
  ['nothing that is known', arn, undefined, false],
  ['what has no ARN of EKS', arn, 'arn:demo', false],
  ['a cluster, and nothing was made yet', undefined, cluster, false],
  ['a cluster, and the ARN of the group does not parse', 'arn:workers', cluster, false],
])('the target stands for %s', (_, ofGroup, ofCluster, expected) => {
  const found = wrongCluster(ofGroup === undefined ? {} : { arn: ofGroup }, { ...gone, clusterArn: ofCluster })
  expect(found !== undefined).toBe(expected)
})

const at = '2026-11-21T06:00:00Z'
const draining = { nodeUID: 'n1', nodeName: 'node-1', instanceId: 'i-1', state: 'Draining', message: '' } as const

interface Given {
  readonly policy?: Partial<EksNodeGroup['spec']['policy']>
  readonly abandoned?: boolean
  /** Of the target; `refused`: it is ready, and does not allow the object. */
  readonly state?: 'ready' | 'refused' | 'gone' | 'replaced'
}

/** An object whose group is in cluster `old`, and whose target stands for `new`, which knows no such group; answers what was asked there. */
function moved({ policy, abandoned = false, state = 'ready' }: Given, { deleting }: { readonly deleting: boolean }) {
  const [asked, events]: [string[], unknown[]] = [[], []]
  const asks = (what: string) => async () => {
    asked.push(what)
    return await Promise.resolve(undefined)
  }
  const { draft, context, sizes, surroundings, target } = aPass({
    object: { ...(deleting ? { deletionTimestamp: at } : {}), annotations: abandoned ? { 'tidegate.io/abandon': 'u1' } : {} },
    spec: { policy: { management: 'Manage', adoption: 'CreateOnly', deletion: 'Delete', ...policy } },
    status: {
      arn,
      removals: [draining],
      withdrawal: { target: 0, protected: ['i-1'], startedAt: at },
    } as unknown as NonNullable<EksNodeGroup['status']>,
    event: ({ type, note }) => void events.push({ type, note }),
    nodeGroups: { describe: asks('describe') },
    nodes: { inGroup: () => (asked.push('nodes'), []) },
    drain: { release: asks('release') as never },
  })
  const clusterArn = 'arn:aws:eks:us-west-2:111122223333:cluster/new'
  const there = { ...target, clusterName: 'new', clusterArn }
  const eks = state === 'gone' ? undefined : { clusterName: 'new', aws: target.aws }
  const ready: TargetState = { state: 'ready', target: there }
  const refused: TargetState = { state: 'refused', reason: 'NotAllowedInNamespace', message: 'it is not allowed' }
  const states = { ready, refused, gone: { ...gone, clusterArn, eks }, replaced: { ...gone, clusterArn, eks } } as const
  const find = (_: string, use: object | 'CleanUp'): TargetState => (use === 'CleanUp' && state === 'refused' ? ready : states[state])
  const reconciler = new EksNodeGroupReconciler({ targets: { find }, sizes, surroundings })
  const run = async (): Promise<FinalizeResult> => await reconciler[deleting ? 'finalize' : 'reconcile'](draft, context)
  return { run, draft, asked, events }
}

const both =
  'node group workers is in cluster old (us-west-2, account 111122223333), and TargetCluster demo stands for cluster new (us-west-2, account 111122223333) now'

test.each(['ready', 'gone', 'replaced'] as const)('P6: the deletion of a group in another cluster than the target has does not end (%s)', async (state) => {
  const { run, draft, asked } = moved({ state }, { deleting: true })
  const before = structuredClone(draft.status)
  const ways =
    /make a TargetCluster demo of the first cluster again\. The deletion waits for it\. .*tidegate\.io\/abandon=u1; or set spec\.policy\.deletion to Retain$/
  await expect(run()).rejects.toMatchObject({ reason: 'WrongCluster', message: expect.stringContaining(both) })
  await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(ways) })
  expect(asked).toEqual([])
  expect(draft.status).toEqual(before)
})

test.each([
  ['ready', {}, /leave that group in AWS: set spec\.policy\.deletion to Retain, then delete this object and apply it again$/],
  ['gone', {}, /leave that group in AWS: set spec/],
  ['refused', {}, /leave that group in AWS: set spec/],
  ['ready', { deletion: 'Retain' }, /leave that group in AWS: delete this object and apply it again$/],
  ['ready', { management: 'Observe' }, /leave that group in AWS: delete this object and apply it again$/],
] as const)('a group in another cluster than the target has is not made a second time (%s, %o)', async (state, policy, way) => {
  const { run, draft, asked } = moved({ policy, state }, { deleting: false })
  const before = structuredClone(draft.status)
  await expect(run()).rejects.toMatchObject({ reason: 'WrongCluster', message: expect.stringContaining(both) })
  await expect(run()).rejects.toMatchObject({ message: expect.stringMatching(way) })
  expect(asked).toEqual([])
  expect(draft.status).toEqual(before)
})

const kept = [
  [{ policy: { deletion: 'Retain' } }, 'retained'],
  [{ policy: { deletion: 'Retain' }, state: 'gone' }, 'retained'],
  [{ policy: { management: 'Observe' } }, 'it was only observed'],
  [{ abandoned: true }, 'abandoned'],
] as const satisfies readonly (readonly [Given, string])[]

test.each(kept)(
  'P2: an object that a person lets go (%o) goes, touches nothing in the cluster that the target has now, and names what stands',
  async (given, why) => {
    const { run, asked, events } = moved(given, { deleting: true })
    expect(await run()).toEqual({ kind: 'finalized' })
    expect(asked).toEqual([])
    expect(events[0]).toEqual({
      type: 'Warning',
      note: expect.stringMatching(new RegExp(`^${why}.*Left behind: taint .* on node-1.*protection from scale-in on i-1`)),
    })
  },
)
