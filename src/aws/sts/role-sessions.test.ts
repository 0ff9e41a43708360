import { expect, test } from 'vitest'
import { FakeClock } from '../../lib/fake-clock.ts'
import type { AwsCall } from '../api.ts'
import { accountOfRole, assumedCredentials, createRoleSessions } from './role-sessions.ts'

const roleArn = 'arn:aws:iam::444455556666:role/tidegate/target'

/** STS that gives out sessions of an hour, numbered, or refuses. */
function world() {
  const clock = new FakeClock()
  const inputs: unknown[] = []
  const state = { refuses: false }
  const call = (async (_action: string, input: unknown) => {
    inputs.push(input)
    if (state.refuses) throw new Error('refused')
    const Expiration = new Date(clock.now().getTime() + 3_600_000)
    return { Credentials: { AccessKeyId: `key${inputs.length}`, SecretAccessKey: 'secret', SessionToken: 'token', Expiration } }
  }) as unknown as AwsCall
  return { clock, inputs, state, sessions: createRoleSessions({ call }) }
}

test('a role is assumed by its ARN and external id, under our name', async () => {
  const { clock, inputs, sessions } = world()
  await assumedCredentials(sessions, { roleArn, externalId: 'tidegate-42' }, { clock })()
  expect(inputs).toEqual([{ RoleArn: roleArn, RoleSessionName: 'tidegate', ExternalId: 'tidegate-42' }])
})

test('all clients share a session, which is renewed ten minutes before it ends', async () => {
  const { clock, inputs, sessions } = world()
  const credentials = assumedCredentials(sessions, { roleArn }, { clock })
  const keys = async (): Promise<string> => (await credentials()).accessKeyId
  expect(await Promise.all([keys(), keys()])).toEqual(['key1', 'key1'])
  await clock.advance(49 * 60_000)
  expect(await keys()).toBe('key1')
  await clock.advance(60_000)
  expect(await Promise.all([keys(), keys()])).toEqual(['key2', 'key2'])
  expect(inputs).toHaveLength(2)
})

test('a refusal is told to all who wait, and asked again by the next', async () => {
  const { clock, state, sessions } = world()
  const credentials = assumedCredentials(sessions, { roleArn }, { clock })
  state.refuses = true
  const [first, second] = await Promise.allSettled([credentials(), credentials()])
  expect([first.status, second.status]).toEqual(['rejected', 'rejected'])
  state.refuses = false
  await expect(credentials()).resolves.toMatchObject({ sessionToken: 'token' })
})

test('an answer without credentials is no session', async () => {
  const call = (async () => ({})) as unknown as AwsCall
  const { signal } = new AbortController()
  await expect(createRoleSessions({ call }).assume({ roleArn }, { signal })).rejects.toThrow('without credentials')
})

test('the account stands in the ARN', () => {
  expect(accountOfRole({ roleArn })).toBe('444455556666')
})
