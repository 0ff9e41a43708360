import { expect, test } from 'vitest'
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
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongCluster', message: expect.stringMatching(/demo in EKS.*correct the connection/) })
  expect(world.status?.conditions).toContainEqual(expect.objectContaining({ type: 'CloudReachable', status: 'False', reason: 'WrongCluster' }))
  expect(world.found).toBe('notReady')
  // The connection is corrected.
  world.rootCa = pem('bbbb')
  await world.pass('reconcile')
  expect(world.found).toBe('ready')
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
  await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongCluster' })
  expect(world.found).toBe('notReady')
})
