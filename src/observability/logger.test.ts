import { describe, expect, test } from 'vitest'
import { createLogger } from './logger.ts'

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

  test('times are RFC 3339', () => {
    expect(String(logged((log) => log.info('message')).line['time'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })
})
