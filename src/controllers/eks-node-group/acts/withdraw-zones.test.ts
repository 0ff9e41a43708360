import { expect, test } from 'vitest'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { EksNodeGroupReconciler } from '../reconciler.ts'

const isOurs = { 'tidegate.io/suspended': 'AZRebalance/u1' }

interface Given {
  /** The zones of those that run; the group may start some in a, b and c. */
  readonly running: readonly string[]
  readonly group?: Partial<ScalingGroup>
  readonly azRebalance?: 'Leave' | 'Suspend'
  /** After so many passes another process goes on. */
  readonly restartAfter?: number
}

/** A group that wants six nodes, of which as many are wanted as run: what is asked of AWS until nothing is, and what AWS shows then. */
async function withdrawing({
  running,
  group = {},
  azRebalance = 'Suspend',
  restartAfter,
}: Given): Promise<{ done: string[]; now: ScalingGroup; status: EksNodeGroupStatus }> {
  const done: string[] = []
  let status: EksNodeGroupStatus = {}
  let now = aScalingGroup({
    minSize: 0,
    desiredCapacity: 6,
    zones: ['a', 'b', 'c'],
    instances: running.map((zone, index) => ({ instanceId: `i-${index}`, zone, lifecycleState: 'InService', protectedFromScaleIn: false })),
    ...group,
  })
  const change = (what: string, changed: Partial<ScalingGroup>): void => {
    done.push(what)
    now = { ...now, ...changed }
  }
  let passes = 0
  const spec = {
    scaling: { minSize: 0, maxSize: 10, desiredSize: running.length, sizeOwner: 'Spec', allowLarge: false },
    scaleDown: { drain: 'Evict', timeout: '1h', onTimeout: 'Wait', azRebalance },
  } as const
  const { context, sizes, surroundings, target } = aPass({
    nodeGroups: { describe: async () => aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: now.desiredCapacity } }) },
    scalingGroups: {
      describe: async () => [now],
      ofCluster: async () => [now],
      activities: async () => [],
      tag: async (_name, tags) => change(`tag ${Object.keys(tags).join()}`, { tags: { ...now.tags, ...tags } }),
      untag: async (_name, [key = '']) => {
        const { [key]: _, ...tags } = now.tags
        change(`untag ${key}`, { tags })
      },
      protect: async (_name, ids, options) => {
        const instances = now.instances.map((one) => (ids.includes(one.instanceId) ? { ...one, protectedFromScaleIn: options.protected } : one))
        change(`protect ${String(options.protected)}`, { instances })
      },
      setDesiredCapacity: async (_name, desiredCapacity) => change(`want ${desiredCapacity}`, { desiredCapacity }),
      suspend: async (_name, [process = '']) => change(`suspend ${process}`, { suspendedProcesses: [process] }),
      resume: async (_name, processes) => change(`resume ${processes.join()}`, { suspendedProcesses: [] }),
    },
  })
  const clock = { now: () => new Date(Date.parse('2026-11-21T06:00:00Z') + passes * 30_000) }
  const targets = { find: () => ({ state: 'ready', target }) as const }
  const start = () => new EksNodeGroupReconciler({ targets, sizes, surroundings: { ...surroundings, ...clock } })
  let reconciler = start()
  for (; passes < 12; passes += 1) {
    if (passes === restartAfter) reconciler = start()
    const { draft } = aPass({ spec, status })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await reconciler.reconcile(draft, context)
    ;({ status } = draft)
  }
  return { done, now, status }
}

const suspended = ['tag tidegate.io/suspended', 'suspend AZRebalance']
const lowered = ['tag tidegate.io/protected', 'protect true', 'want 4', 'protect false', 'untag tidegate.io/protected']

test('B6: where one zone has no capacity, rebalancing is suspended before the number is lowered, and stays so while the zones are uneven', async () => {
  const { done, now, status } = await withdrawing({ running: ['a', 'a', 'b', 'b'] })
  expect(done).toEqual([...suspended, ...lowered])
  expect(now).toMatchObject({ desiredCapacity: 4, suspendedProcesses: ['AZRebalance'], tags: isOurs })
  expect(status.withdrawal).toBeUndefined()
  expect(status.rebalance).toMatchObject({ scalingGroup: 'asg' })
})

test.each([1, 2, 3, 4, 5])('P1, B6: also by another process, which goes on after %s passes', async (restartAfter) => {
  const { done, now, status } = await withdrawing({ running: ['a', 'a', 'b', 'b'], restartAfter })
  expect(done.indexOf('suspend AZRebalance')).toBeLessThan(done.indexOf('want 4'))
  expect(done.toSorted()).toEqual([...suspended, ...lowered].toSorted())
  expect(now).toMatchObject({ desiredCapacity: 4, suspendedProcesses: ['AZRebalance'], tags: isOurs })
  expect([status.withdrawal, status.rebalance?.scalingGroup]).toEqual([undefined, 'asg'])
})

test('B6: it is resumed at the end where the zones are even', async () => {
  const { done, status } = await withdrawing({ running: ['a', 'a', 'b', 'c'] })
  expect(done).toEqual([...suspended, ...lowered, 'resume AZRebalance', 'untag tidegate.io/suspended'])
  expect(status.rebalance).toBeUndefined()
})

test.each<[string, Partial<Given>]>([
  ['the spec leaves it on', { azRebalance: 'Leave' }],
  ['somebody else suspended it', { group: { suspendedProcesses: ['AZRebalance'] } }],
  ['the group has one zone', { group: { zones: ['a'] } }],
])('B6: a withdrawal leaves the rebalancing alone where %s', async (_, given) => {
  const { done, status } = await withdrawing({ running: ['a', 'a', 'a', 'a'], ...given })
  expect(done).toEqual(lowered)
  expect(status.rebalance).toBeUndefined()
})
