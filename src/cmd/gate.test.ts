import { expect, test } from 'vitest'
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
