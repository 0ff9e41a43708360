import { expect, test } from 'vitest'
import { AwsError } from '../../aws/aws-error.ts'
import { adopt } from './acts/adopt.ts'
import { finalizeGroup } from './finalize.ts'
import type { Pass } from './pass.ts'
import { aGroup, aPass } from './test-pass.ts'

const unanswered = async (): Promise<never> => {
  throw new Error('no answer')
}

function taking(): Pass {
  return aPass({
    group: aGroup({ tags: {} }),
    spec: { policy: { management: 'Manage', adoption: 'AdoptOrCreate', deletion: 'Delete' } },
    nodeGroups: { tag: unanswered },
  })
}

function later(pass: Pass, seconds: number): Pass {
  const now = new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1_000)
  return { ...pass, surroundings: { ...pass.surroundings, now: () => now } }
}

test('P6: an object that was just taking its group does not go before the mark shows, or can show no more', async () => {
  const pass = taking()
  expect(await adopt(pass)).toEqual({ kind: 'checkpoint' })
  await expect(adopt(pass)).rejects.toThrow('no answer')
  expect(await finalizeGroup(later(pass, 19))).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect(pass.draft.conditions.underWay).toMatchObject({ reason: 'Deleting', message: expect.stringContaining('within 20 s') })
  expect(await finalizeGroup(later(pass, 21))).toEqual({ kind: 'finalized' })
})

test('one that has not asked for the mark goes at once, and of a process that died the call is waited for', async () => {
  const pass = taking()
  await adopt(pass)
  expect(await finalizeGroup(pass)).toEqual({ kind: 'finalized' })
  const { status } = pass.draft
  const next = aPass({ group: aGroup({ tags: {} }), status: { ...status } })
  expect(await finalizeGroup(next)).toMatchObject({ kind: 'requeueAfter' })
  expect(await finalizeGroup(later(next, 21))).toEqual({ kind: 'finalized' })
})

test('that AWS refuses it the second time says nothing of the first call, to which nobody read the answer', async () => {
  const pass = taking()
  await adopt(pass)
  await expect(adopt(pass)).rejects.toThrow('no answer')
  const refusal = new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'eks:TagResource', code: 'AccessDeniedException', message: 'no' })
  const { nodeGroups } = pass.target.aws
  nodeGroups.tag = async () => {
    throw refusal
  }
  await expect(adopt(later(pass, 2))).rejects.toThrow('no')
  expect(pass.draft.status.operation).toMatchObject({ kind: 'Tag' })
  expect(await finalizeGroup(later(pass, 4))).toMatchObject({ kind: 'requeueAfter' })
})
