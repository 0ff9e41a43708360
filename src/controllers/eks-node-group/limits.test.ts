import { expect, test } from 'vitest'
import { recreate } from './acts/recreate.ts'
import { aGroup, aPass } from './test-pass.ts'
import { observe } from './observe.ts'

const issue = { code: 'c'.repeat(200), message: 'm'.repeat(3000), resourceIds: Array.from({ length: 60 }, () => 'r'.repeat(300)) }
const creating = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test('what EKS says about a failed creation is cut to what the status takes', async () => {
  const pass = aPass({
    status: { operation: creating },
    group: aGroup({
      state: 'CreateFailed',
      tags: { ...aGroup().tags, 'tidegate.io/origin': 'Created' },
      healthIssues: Array.from({ length: 30 }, () => issue),
    }),
  })
  await recreate(pass)
  const { failures, issues = [] } = pass.draft.status.creation ?? {}
  expect(failures).toBe(1)
  expect(issues).toHaveLength(20)
  expect(issues[0]?.code).toHaveLength(128)
  expect(issues[0]?.message).toHaveLength(2048)
  expect(issues[0]?.resourceIds).toHaveLength(50)
  expect(issues[0]?.resourceIds?.[0]).toHaveLength(256)
})

test('a group that is only observed keeps no more than the status takes, and nothing of the time when it was managed', () => {
  const tags = Object.fromEntries(Array.from({ length: 53 }, (_, index) => [`aws:tag-${index}`, 'x']))
  const drift = [{ field: 'labels', desired: '', actual: '', remedy: '' }]
  const pass = aPass({ status: { operation: creating, drift }, group: aGroup({ tags, subnetIds: Array.from({ length: 20 }, () => 'subnet-1') }) })
  observe(pass)
  const { observed, operation, drift: left } = pass.draft.status
  expect(Object.keys(observed?.tags ?? {})).toHaveLength(50)
  expect(observed?.subnetIds).toHaveLength(16)
  expect(operation).toBeUndefined()
  expect(left).toBeUndefined()
})
