import { expect, test } from 'vitest'
import { World } from './test-world.ts'

const arnIn = (accountId: string): string => `arn:aws:eks:us-west-2:${accountId}:cluster/demo`
const clusterIn = (accountId: string) =>
  ({ name: 'demo', arn: arnIn(accountId), state: 'Active', autoMode: false, endpoint: 'https://eks', certificateAuthority: 'bm9uZQ==' }) as const

/** A target whose spec names no account, seen in 111122223333, and then asked for as a role of another account, which has a cluster of this name too. */
async function moved(): Promise<World> {
  const world = new World()
  world.wantedAccountId = undefined
  world.cluster = clusterIn('111122223333')
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
  world.roleArn = 'arn:aws:iam::444455556666:role/tidegate/other'
  world.accountId = '444455556666'
  world.cluster = clusterIn('444455556666')
  world.generation += 1
  return world
}

test('a cluster of the same name in another account is not the one that the groups are in: they wait until the role is set back', async () => {
  const world = await moved()
  const message = expect.stringMatching(/account 444455556666 .*account 111122223333 .*: set spec\.aws\.roleArn back/)
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongAccount', message })
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'CloudReachable', status: 'False', reason: 'WrongAccount' }))
  expect(world.status?.eks?.arn).toBe(arnIn('111122223333'))
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'notReady' })
  world.now = new Date('2026-11-21T07:00:00Z')
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongAccount' })
  world.roleArn = undefined
  world.accountId = '111122223333'
  world.cluster = clusterIn('111122223333')
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test.each([
  ['another partition', 'arn:aws-cn:eks:us-west-2:111122223333:cluster/demo'],
  ['another region', 'arn:aws:eks:eu-west-1:111122223333:cluster/demo'],
])('so is one in %s', async (_, arn) => {
  const world = await moved()
  world.cluster = { ...clusterIn('111122223333'), arn }
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongAccount', message: expect.stringContaining(arn) })
})

test('a cluster that was made anew under its name, in its account, is the same', async () => {
  const world = await moved()
  world.accountId = '111122223333'
  world.cluster = clusterIn('111122223333')
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test('nobody works with the credentials of another role before the cluster is found with them', async () => {
  const world = await moved()
  let meanwhile: unknown
  world.describing = () => (meanwhile = world.found)
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongAccount' })
  expect(meanwhile).toBe('connecting')
})

test('where another cluster answers at the address too, no group counts as gone by what another account says', async () => {
  const world = await moved()
  world.kubernetes = () => ({ metadata: { uid: 'another' } })
  await world.pass('reconcile')
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'CloudReachable', reason: 'WrongAccount' }))
  expect(world.targets.find('demo', 'CleanUp')).toMatchObject({ state: 'notReady' })
})
