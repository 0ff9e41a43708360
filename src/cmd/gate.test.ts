import { expect, test } from 'vitest'
import { AwsError } from '../aws/aws-error.ts'
import { KubeError } from '../kube/kube-error.ts'
import { createLogger } from '../observability/logger.ts'
import { gate } from './gate.ts'

const { signal } = new AbortController()
const write = { system: 'aws', action: 'eks:CreateNodegroup', target: 'demo/workers' } as const

test('a process that does not lead sends nothing', async () => {
  const asked: string[] = []
  const log = createLogger({ level: 'silent' })
  const hook = gate({ isLeader: () => false, log, next: async ({ action }) => void asked.push(action) })
  await expect(hook(write, { signal })).rejects.toMatchObject({ name: 'NotLeadingError', message: expect.stringContaining('eks:CreateNodegroup demo/workers') })
  expect(asked).toEqual([])
})

test('a leader that has lost contact sends nothing either, since it would not see a freeze (P10)', async () => {
  const asked: string[] = []
  let inContact = false
  const log = createLogger({ level: 'silent' })
  const hook = gate({ isLeader: () => true, inContact: () => inContact, log, next: async ({ action }) => void asked.push(action) })
  await expect(hook(write, { signal })).rejects.toMatchObject({ name: 'NoContactError', message: expect.stringContaining('eks:CreateNodegroup demo/workers') })
  expect(asked).toEqual([])
  inContact = true
  await hook(write, { signal })
  expect(asked).toEqual(['eks:CreateNodegroup'])
})

test('every write leaves one line that says how it ended; Events, which are news themselves, and heartbeats leave none', async () => {
  const lines: { readonly level: string; readonly audit: object }[] = []
  const log = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } })
  const hook = gate({ isLeader: () => true, log })
  for (const target of ['demo/workers', 'events training/workers.1', 'leases kube-system/tidegate']) {
    const after = await hook({ ...write, target }, { signal })
    await after?.({ ok: true })
  }
  const after = await hook(write, { signal })
  await after?.({ ok: false, error: new Error('refused') })
  expect(lines.map(({ level, audit }) => ({ level, audit }))).toEqual([
    { level: 'info', audit: { ...write, ok: true } },
    { level: 'warn', audit: { ...write, ok: false } },
  ])
})

const eviction = { system: 'kubernetes', action: 'evict', target: 'pods web/front-0' } as const
const budgetSays = { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget front needs 3 healthy pods and has 3 currently' }] }
const held = new KubeError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", { details: budgetSays })
const denied = { reason: 'AccessDenied', action: 'eks:CreateNodegroup', code: 'AccessDeniedException', message: 'AWS denies eks:CreateNodegroup.' }
const fromTheSdk = Object.assign(new Error('no'), { name: 'AccessDeniedException' })

test.each([
  ['an eviction that a budget refuses, the answer that a drain waits with', eviction, held, 'debug', false],
  ['an eviction that the API server has no time for', eviction, new KubeError(429, 'TooManyRequests', 'too many requests'), 'warn', false],
  ['an eviction that a webhook refuses', eviction, new KubeError(403, 'Forbidden', 'admission webhook "a.b.c" denied the request: no'), 'warn', false],
  ['another write that names a budget', { ...eviction, action: 'delete' }, held, 'warn', false],
  ['what AWS refuses', write, new AwsError('AccessDenied', denied, { cause: fromTheSdk }), 'warn', false],
  ['what nobody knows', write, new Error('boom'), 'warn', true],
])('%s: $3, with a stack: $4', async (_, what, error, level, stack) => {
  const lines: string[] = []
  const hook = gate({ isLeader: () => true, log: createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } }) })
  const after = await hook(what, { signal })
  await after?.({ ok: false, error })
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level, audit: { ...what, ok: false }, err: { message: error.message } }])
  expect(lines.join('').includes('"stack"')).toBe(stack)
})
