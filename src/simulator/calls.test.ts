import { expect, test } from 'vitest'
import { type CallRecord, CallLog } from './calls.ts'

const call = (changed: Partial<CallRecord> = {}): Omit<CallRecord, 'sequence'> => ({
  time: '2026-11-21T06:00:00Z',
  account: '111122223333',
  region: 'us-west-2',
  service: 'eks',
  action: 'DescribeNodegroup',
  access: 'read',
  status: 200,
  requestId: 'r',
  input: {},
  ...changed,
})

test('counts go on when records are dropped', () => {
  const log = new CallLog()
  for (let n = 0; n < 45_000; n += 1) log.add(call())
  log.add(call({ action: 'CreateNodegroup', access: 'write', account: '444455556666' }))
  expect(log.list().length).toBeLessThan(23_000)
  expect(log.counts()).toEqual({ read: 45_000, write: 1, actions: { 'eks:DescribeNodegroup': 45_000, 'eks:CreateNodegroup': 1 } })
  expect(log.counts({ access: 'write' })).toEqual({ read: 0, write: 1, actions: { 'eks:CreateNodegroup': 1 } })
  expect(log.counts({ after: 45_000 })).toEqual({ read: 0, write: 1, actions: { 'eks:CreateNodegroup': 1 } })
  log.clear('111122223333')
  expect(log.counts()).toEqual({ read: 0, write: 1, actions: { 'eks:CreateNodegroup': 1 } })
  log.clear()
  expect(log.counts()).toEqual({ read: 0, write: 0, actions: {} })
})
