import { expect, test } from 'vitest'
import type { TargetPass } from '../pass.ts'
import type { TargetAws } from '../ports.ts'
import type { TargetFacts } from '../targets.ts'
import { listGroups } from './list-groups.ts'

/** Minutes at which EKS was asked for its groups in an hour of passes every 30 s, while objects name `named` and EKS has `there`. */
async function minutesAsked(named: readonly string[], there: readonly string[]): Promise<readonly number[]> {
  const asked: number[] = []
  const status: Record<string, unknown> = {}
  const facts = {
    clusterState: 'Active',
    aws: {
      nodeGroups: {
        list: async () => there,
        describe: async (_cluster: string, name: string) => ({ name, state: 'Active', tags: {}, instanceTypes: [], capacityType: 'OnDemand' }),
      },
    },
  }
  for (let seconds = 0; seconds < 3600; seconds += 30) {
    const now = new Date(Date.UTC(2026, 10, 21, 6, 0, seconds))
    const users = named.map((groupName) => ({ groupName, object: `training/${groupName}` }))
    const before = status['groups']
    await listGroups({
      draft: { status, object: { spec: { eksClusterName: 'demo', discovery: 'List' } } },
      context: { signal: new AbortController().signal },
      facts,
      deps: { now: () => now, others: { users: () => users } },
      name: 'demo',
    } as unknown as TargetPass)
    if (status['groups'] !== before) asked.push(seconds / 60)
  }
  return asked
}

test('at rest the groups are listed every 10 min', async () => {
  expect(await minutesAsked(['a'], ['a', 'foreign'])).toEqual([0, 10, 20, 30, 40, 50])
})

test('an object whose group never comes does not make EKS be asked in each pass', async () => {
  expect(await minutesAsked(['a', 'never'], ['a'])).toHaveLength(30)
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
