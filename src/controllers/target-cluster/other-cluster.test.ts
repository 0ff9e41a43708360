import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import { World } from './test-world.ts'

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
const inEks = (text: string): string => Buffer.from(text).toString('base64')

function aWorld(rootCa: string | undefined, certificateAuthority: string): World {
  const world = new World()
  world.rootCa = rootCa
  world.cluster = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false, endpoint: 'https://eks', certificateAuthority }
  return world
}

test('P1: behind a connection to another cluster nothing is done: its Nodes are not those of the groups', async () => {
  const world = aWorld(pem('aaaa'), inEks(pem('bbbb')))
  await world.pass('reconcile')
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'WrongCluster' }))
  const message = expect.stringMatching(/demo in EKS.*correct the connection/)
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'KubernetesReachable', status: 'False', reason: 'WrongCluster', message }))
  expect(world.found).toBe('notReady')
  expect({ claims: world.claims, uid: world.status?.targetUID }).toEqual({ claims: 0, uid: undefined })
  // The connection is corrected: its cluster is another one.
  world.rootCa = pem('bbbb')
  world.kubernetes = () => ({ metadata: { uid: 'another-uid' } })
  await world.pass('reconcile')
  expect([world.found, world.status?.targetUID]).toEqual(['ready', 'another-uid'])
})

test('P1: what the last process knew is judged before this one says that the target is there', async () => {
  const world = aWorld(pem('aaaa'), inEks(pem('bbbb')))
  const known = aWorld(pem('bbbb'), inEks(pem('bbbb')))
  await known.pass('reconcile')
  world.status = known.status
  await world.pass('reconcile')
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'KubernetesReachable', status: 'False', reason: 'WrongCluster' }))
  expect({ claims: world.claims, found: world.found }).toEqual({ claims: 0, found: 'notReady' })
})

test('P1: a cluster that is met for the first time gets nothing of ours before EKS has told of the one that is meant', async () => {
  const world = aWorld(pem('aaaa'), inEks(pem('bbbb')))
  world.describing = () => {
    throw new AwsError('Unavailable', { reason: 'AwsUnavailable', action: 'eks:DescribeCluster', code: 'c', message: 'no answer' })
  }
  await world.pass('reconcile')
  expect({ claims: world.claims, uid: world.status?.targetUID, found: world.found }).toEqual({ claims: 0, uid: undefined, found: 'notReady' })
})

test('another cluster at the address is replaced, not wrong: groups that EKS no longer has end', async () => {
  const world = aWorld(pem('bbbb'), inEks(pem('bbbb')))
  await world.pass('reconcile')
  world.rootCa = pem('aaaa')
  world.kubernetes = () => ({ metadata: { uid: 'another-uid' } })
  await world.pass('reconcile')
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason: 'TargetReplaced' }))
  expect(world.found).toBe('gone')
})

test.each<[string, string | undefined, string]>([
  ['is that of EKS, with its lines broken elsewhere', pem('aaaa\nbbbb'), inEks(pem('aa\naabbbb'))],
  ['is one of two, while it is changed', pem('aaaa') + pem('bbbb'), inEks(pem('bbbb'))],
  ['may not be read', 'Forbidden', inEks(pem('bbbb'))],
  ['is not published', undefined, inEks(pem('bbbb'))],
  ['cannot be told from what EKS says', pem('aaaa'), inEks('no certificate')],
])('an authority that %s keeps nobody from anything', async (_, rootCa, certificateAuthority) => {
  const world = aWorld(rootCa, certificateAuthority)
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
})

test('an authority that can be read only later is judged then, however fresh the answer of EKS is', async () => {
  const world = aWorld('Forbidden', inEks(pem('bbbb')))
  await world.pass('reconcile')
  world.rootCa = pem('aaaa')
  await world.pass('reconcile')
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Stalled', reason: 'WrongCluster' }))
  expect(world.found).toBe('notReady')
})

test('an authority that is exchanged is read anew where it is not the one that EKS tells', async () => {
  const world = aWorld(pem('aaaa'), inEks(pem('aaaa')))
  world.keepsConnection = true
  await world.pass('reconcile')
  const both = pem('aaaa') + pem('bbbb')
  for (const [here, told] of [
    [both, pem('aaaa')],
    [both, both],
    [pem('bbbb'), both],
    [pem('bbbb'), pem('bbbb')],
  ] as const) {
    world.rootCa = here
    world.cluster = { name: 'demo', arn: 'arn', state: 'Active', autoMode: false, endpoint: 'https://eks', certificateAuthority: inEks(told) }
    // oxlint-disable-next-line no-await-in-loop -- ten minutes, after which EKS is asked again
    await world.later(630)
    expect(world.found).toBe('ready')
  }
})
