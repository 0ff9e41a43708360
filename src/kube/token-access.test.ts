import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { tokenAccess } from './token-access.ts'

/** Tokens are numbered. */
function world(server = 'https://api.example.com') {
  const clock = new FakeClock()
  let made = 0
  const token = async (): Promise<string> => `t${++made}`
  const access = tokenAccess({ name: 'demo', server, certificateAuthority: Buffer.from('PEM').toString('base64'), token, tokenForMs: 600_000, clock })
  return { clock, access }
}

test('a token is used for its time, and then made anew', async () => {
  const { clock, access } = world()
  expect(await Promise.all([access.headers(), access.headers()])).toEqual([{ authorization: 'Bearer t1' }, { authorization: 'Bearer t1' }])
  await clock.advance(599_999)
  expect(await access.headers()).toEqual({ authorization: 'Bearer t1' })
  await clock.advance(1)
  expect(await access.headers()).toEqual({ authorization: 'Bearer t2' })
})

test('one that the server refused is made anew at once', async () => {
  const { access } = world()
  await access.headers()
  access.forget()
  expect(await access.headers()).toEqual({ authorization: 'Bearer t2' })
})

test('the authority is the one that was given, and is demanded', async () => {
  const tls = await world().access.tls()
  expect(tls).toEqual({ rejectUnauthorized: true, ca: Buffer.from('PEM') })
  expect(await world().access.tls()).toEqual(tls)
})

test.each(['', 'api.example.com', 'http://api.example.com', 'https://'])('%j is refused as an address', (server) => {
  expect(() => world(server)).toThrow('no address of an API server')
})
