import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import { refuse } from './refusal.ts'
import { aPass } from './test-pass.ts'

const operation = { kind: 'UpdateScaling', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:58Z' } as const

test.each([
  ['eks:UpdateNodegroupConfig', 'UpdateScaling', false],
  ['autoscaling:SetInstanceProtection', 'UpdateScaling', true],
  ['autoscaling:SuspendProcesses', 'UpdateScaling', true],
  // It has a place of the budget, and nothing else is done meanwhile.
  ['autoscaling:ResumeProcesses', 'UpdateVersion', false],
] as const)('P1: after %s was refused for good the intent of %s stands: %s', (action, kind, stands) => {
  const { draft } = aPass({ status: { operation: { ...operation, kind } } })
  const denied = new AwsError('AccessDenied', { reason: 'AccessDenied', action, code: 'c', message: 'denied' })
  expect(() => refuse(draft, denied)).toThrow(expect.objectContaining({ name: 'TerminalError', reason: 'AccessDenied' }))
  expect(draft.status.operation !== undefined).toBe(stands)
})

test('P6: the intent of a creation stands where an earlier call under its token may still be taken', () => {
  const { draft } = aPass({ status: { operation: { ...operation, kind: 'Create' } } })
  const denied = new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:CreateNodegroup', code: 'c', message: 'denied' })
  expect(() => refuse(draft, denied, { keepsIntent: true })).toThrow('denied')
  expect(draft.status.operation).toMatchObject({ token: 't' })
})
