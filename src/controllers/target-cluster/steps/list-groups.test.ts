import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { TargetCluster } from '../../../crds/target-cluster.ts'
import { createLogger } from '../../../observability/logger.ts'
import type { TargetPass } from '../pass.ts'
import type { TargetAws, TargetUser } from '../ports.ts'
import type { TargetFacts } from '../targets.ts'
import { listGroups } from './list-groups.ts'

/** An object that made its group, unless `changed` says something else. */
function aUser(groupName: string, changed: Partial<TargetUser> = {}): TargetUser {
  const object = `training/${groupName}`
  return { object, groupName, manages: ({ owner }) => owner === (changed.object ?? object), observes: false, isRefused: false, ...changed }
}

/** The passes over one target whose cluster has these groups, with their tags; `asked` counts the lists. */
function aList(there: Record<string, Record<string, string>>) {
  const world = {
    users: [] as readonly TargetUser[],
    asked: 0,
    isSilent: false,
    denied: [] as readonly string[],
    notes: [] as string[],
    now: new Date('2026-11-21T06:00:00Z'),
  }
  const status: NonNullable<TargetCluster['status']> = {}
  const nodeGroups = {
    list: async () => {
      world.asked += 1
      if (world.isSilent)
        throw new AwsError('Unavailable', { reason: 'CloudUnreachable', action: 'eks:ListNodegroups', code: 'TimeoutError', message: 'no answer' })
      if (world.denied.includes('all')) throw denied('eks:ListNodegroups')
      if (world.denied.includes('expired')) throw denied('eks:ListNodegroups', 'CredentialsRefused')
      return Object.keys(there)
    },
    describe: async (_cluster: string, name: string) => {
      if (world.denied.includes(name)) throw denied('eks:DescribeNodegroup')
      return { name, state: 'Active', tags: there[name], instanceTypes: [], capacityType: 'OnDemand' }
    },
  }
  const facts: { readonly clusterState: string; readonly aws: object; groups?: readonly object[] } = { clusterState: 'Active', aws: { nodeGroups } }
  const pass = async (): Promise<NonNullable<typeof status.groups>> => {
    await listGroups({
      draft: { status, object: { spec: { eksClusterName: 'demo', discovery: 'List' } } },
      context: {
        signal: new AbortController().signal,
        log: createLogger({ level: 'silent' }),
        event: ({ note }: { readonly note: string }) => void world.notes.push(note),
      },
      facts,
      deps: { now: () => world.now, others: { users: () => world.users } },
      name: 'demo',
    } as unknown as TargetPass)
    return status.groups ?? []
  }
  return { world, pass, facts, status }
}

function denied(action: string, reason = 'AccessDenied'): AwsError {
  return new AwsError('AccessDenied', { reason, action, code: 'AccessDenied', message: `${action}: not authorized` })
}

/** Minutes at which EKS was asked for its groups in an hour of passes every 30 s. */
async function minutesAsked(users: readonly TargetUser[], there: Record<string, Record<string, string>>): Promise<readonly number[]> {
  const { world, pass } = aList(there)
  world.users = users
  const asked: number[] = []
  for (let seconds = 0; seconds < 3600; seconds += 30) {
    const before = world.asked
    world.now = new Date(Date.UTC(2026, 10, 21, 6, 0, seconds))
    await pass()
    if (world.asked > before) asked.push(seconds / 60)
  }
  return asked
}

const marked = { owner: 'training/a' }

test('at rest the groups are listed every 10 min', async () => {
  expect(await minutesAsked([aUser('a')], { a: marked, foreign: {} })).toEqual([0, 10, 20, 30, 40, 50])
})

test('an object whose group never comes does not make EKS be asked in each pass', async () => {
  expect(await minutesAsked([aUser('a'), aUser('never')], { a: marked })).toHaveLength(30)
})

test('an object that may not have its group is not waited for', async () => {
  const refused = aUser('foreign', { isRefused: true })
  expect(await minutesAsked([aUser('a'), refused], { a: marked, foreign: {} })).toHaveLength(6)
})

const eksctl = { 'alpha.eksctl.io/nodegroup-name': 'a' }

test.each<[string, readonly TargetUser[], Record<string, string>, object]>([
  ['an object that only names the group hides nobody', [aUser('a', { isRefused: true })], eksctl, { managedBy: 'eksctl' }],
  ['one that waits for the group hides nobody', [aUser('a')], eksctl, { managedBy: 'eksctl' }],
  [
    'of two that name it the one whose mark it bears is shown',
    [aUser('a'), aUser('a', { object: 'another/a' })],
    { ...eksctl, owner: 'training/a' },
    { object: 'training/a' },
  ],
  ['one that watches it is shown', [aUser('a', { observes: true })], eksctl, { object: 'training/a' }],
  [
    'one that manages it comes before one that watches it',
    [aUser('a', { object: 'another/a', observes: true }), aUser('a')],
    { owner: 'training/a' },
    { object: 'training/a' },
  ],
])('status.groups: %s, in whatever order the cache has them', async (_, users, tags, expected) => {
  for (const order of [users, users.toReversed()]) {
    const { world, pass } = aList({ a: tags })
    world.users = order
    const [group] = await pass()
    expect({ object: group?.object, managedBy: group?.managedBy }).toEqual({ object: undefined, managedBy: undefined, ...expected })
  }
})

test('of two that watch a group the first by name is shown, and the other once that one is gone', async () => {
  const { world, pass } = aList({ a: {} })
  const [first, second] = [aUser('a', { object: 'one/a', observes: true }), aUser('a', { object: 'two/a', observes: true })]
  world.users = [second, first]
  expect((await pass())[0]?.object).toBe('one/a')
  world.users = [second]
  expect((await pass())[0]?.object).toBe('two/a')
})

test('an object that is gone is no longer shown while EKS does not answer, and EKS is asked until it does', async () => {
  const { world, pass } = aList({ a: marked })
  world.users = [aUser('a')]
  expect(await pass()).toMatchObject([{ name: 'a', object: 'training/a' }])
  world.users = []
  world.isSilent = true
  expect((await pass())[0]).not.toHaveProperty('object')
  await pass()
  expect(world.asked).toBe(3)
  world.isSilent = false
  await pass()
  await pass()
  expect(world.asked).toBe(4)
})

test('which role each group has is remembered, and forgotten where no list is made any more', async () => {
  const states: Readonly<Record<string, string>> = { a: 'Active', b: 'Deleting' }
  const describe = async (_cluster: string, name: string): Promise<object> => ({
    name,
    state: states[name],
    nodeRoleArn: `role-${name}`,
    tags: {},
    instanceTypes: [],
  })
  const facts: TargetFacts = { clusterState: 'Active', aws: { nodeGroups: { list: async () => ['b', 'a'], describe } } as unknown as TargetAws }
  const pass = async (discovery: string): Promise<void> =>
    await listGroups({
      draft: { status: {}, object: { spec: { eksClusterName: 'demo', discovery } } },
      context: { signal: new AbortController().signal },
      facts,
      deps: { now: () => new Date('2026-11-21T06:00:00Z'), others: { users: () => [] } },
      name: 'demo',
    } as unknown as TargetPass)
  await pass('List')
  expect(facts.groups).toEqual([
    { name: 'a', nodeRoleArn: 'role-a', leaves: false },
    { name: 'b', nodeRoleArn: 'role-b', leaves: true },
  ])
  await pass('None')
  expect(facts.groups).toEqual([])
})

test('a group that AWS does not let us read hides no other, is told, and is not asked for in each pass', async () => {
  const { world, pass } = aList({ a: marked, theirs: {} })
  world.denied = ['theirs']
  world.users = [aUser('a')]
  expect(await pass()).toMatchObject([{ name: 'a', object: 'training/a' }])
  await pass()
  expect(world.asked).toBe(1)
  expect(world.notes).toEqual([expect.stringMatching(/1 node group of 2\): eks:DescribeNodegroup: not authorized/)])
})

test('where AWS does not let us list, that is told, every 10 min; who may share the role of a group that goes counts as unknown, and not as not looked at yet', async () => {
  const { world, pass, facts } = aList({ a: {} })
  world.denied = ['all']
  await pass()
  await pass()
  expect({ asked: world.asked, groups: facts.groups }).toEqual({ asked: 1, groups: [] })
  expect(world.notes).toEqual([expect.stringContaining('eks:ListNodegroups: not authorized')])
  world.now = new Date('2026-11-21T06:10:00Z')
  world.denied = []
  expect(await pass()).toMatchObject([{ name: 'a' }])
})

test('credentials that have run out are no missing right: the list stays, and is read anew as soon as there are new ones', async () => {
  const { world, pass } = aList({ a: marked })
  world.users = [aUser('a')]
  await pass()
  world.now = new Date('2026-11-21T06:10:00Z')
  world.denied = ['expired']
  expect(await pass()).toMatchObject([{ name: 'a' }])
  await pass()
  expect({ asked: world.asked, notes: world.notes }).toEqual({ asked: 3, notes: [] })
})

test('an object that goes while the list was never read since a start makes AWS, which does not let us read it, be asked no more often', async () => {
  const { world, pass, status } = aList({ a: marked })
  status.groups = [{ name: 'a', type: 'Eks', state: 'Active', object: 'training/a' }]
  world.denied = ['all']
  for (let passes = 0; passes < 3; passes += 1) await pass()
  expect(world.asked).toBe(1)
})
