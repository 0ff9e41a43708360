import { describe, expect, test } from 'vitest'
import { KnownError } from '../lib/known-error.ts'
import { createLogger } from './logger.ts'

class Refused extends KnownError {}

function logged(write: (log: ReturnType<typeof createLogger>) => void): { readonly text: string; readonly line: Record<string, unknown> } {
  let text = ''
  write(createLogger({ level: 'trace', destination: { write: (chunk: string) => void (text += chunk) } }))
  return { text, line: JSON.parse(text) as Record<string, unknown> }
}

describe('createLogger', () => {
  test.each([
    { name: 'at the top', fields: { token: 's3cret' } },
    { name: 'one level down', fields: { user: { password: 's3cret', name: 'ann' } } },
    { name: 'two levels down', fields: { call: { credentials: { secretAccessKey: 's3cret', sessionToken: 's3cret' } } } },
    { name: 'in headers, in either spelling', fields: { request: { headers: { authorization: 'Bearer s3cret', Authorization: 'Bearer s3cret' } } } },
    { name: 'in the data of a Secret', fields: { object: { kind: 'Secret', data: { key: 's3cret' } } } },
    { name: 'as a kubeconfig', fields: { kubeconfig: 's3cret', target: { clientKeyData: 's3cret' } } },
  ])('a secret $name never reaches the log', ({ fields }) => {
    const { text } = logged((log) => log.info(fields, 'message'))
    expect(text).not.toContain('s3cret')
    expect(text).toContain('[redacted]')
  })

  test('what is no secret stays', () => {
    expect(logged((log) => log.info({ user: { name: 'ann' }, size: 3 }, 'message')).line).toMatchObject({
      user: { name: 'ann' },
      size: 3,
      msg: 'message',
      level: 'info',
    })
  })

  test('a secret in the fields of a child is redacted too', () => {
    expect(logged((log) => log.child({ token: 's3cret' }).info('message')).text).not.toContain('s3cret')
  })

  test('an error keeps its cause, and the cause its own', () => {
    const error = new Error('pass failed', { cause: new Error('no answer', { cause: new Error('ECONNRESET') }) })
    expect(logged((log) => log.error({ err: error }, 'message')).line['err']).toMatchObject({
      message: 'pass failed',
      cause: { message: 'no answer', cause: { message: 'ECONNRESET' } },
    })
  })

  test.each([
    ['an unknown error', new Error('boom'), 1],
    ['an unknown error and its unknown cause', new Error('boom', { cause: new Error('why') }), 2],
    ['a known error', new Refused('no'), 0],
    ['a known error and what it was made from', new Refused('no', { cause: new Error('raw', { cause: new Error('socket') }) }), 0],
    ['a known error and the several that it was made from', new Refused('no', { cause: new AggregateError([new Error('IPv4'), new Error('IPv6')]) }), 0],
    ['an unknown error and its known cause', new Error('boom', { cause: new Refused('no', { cause: new Error('raw') }) }), 1],
    ['a known error that hides a defect', new Refused('no', { cause: new TypeError('x is not a function') }), 1],
    ['nothing that is an error', 'boom', 0],
  ])('of %s: $2 stacks', (_, err, stacks) => {
    expect(logged((log) => log.warn({ err }, 'message')).text.split('"stack":').length - 1).toBe(stacks)
  })

  test('what a known error and its causes say stays, and the error itself keeps its stack', () => {
    const error = Object.assign(new Refused('no', { cause: new Error('raw') }), { reason: 'Busy' })
    expect(logged((log) => log.warn({ err: error }, 'message')).line['err']).toEqual({
      type: 'Refused',
      message: 'no',
      reason: 'Busy',
      cause: { type: 'Error', message: 'raw' },
    })
    expect(error.stack).toContain('logger.test.ts')
  })

  test('times are RFC 3339', () => {
    expect(String(logged((log) => log.info('message')).line['time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })
})
