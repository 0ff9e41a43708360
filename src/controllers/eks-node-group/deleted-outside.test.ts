import { expect, test } from 'vitest'
import type { EksNodeGroupOperation, EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { aPass } from './a-pass.ts'
import { create } from './acts/create.ts'
import { provisioned } from './reports/provisioned.ts'

const operation = (kind: EksNodeGroupOperation['kind']) => ({ kind, paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:00Z' })

const cases: Record<string, [EksNodeGroupStatus, string, readonly string[]]> = {
  'nothing was ever made': [{}, 'Creating', []],
  'a creation is under way': [{ arn: 'arn:workers', operation: operation('Create') }, 'Creating', []],
  'we deleted what EKS could not make': [{ arn: 'arn:workers', operation: operation('Delete') }, 'Creating', []],
  'somebody deleted it': [{ arn: 'arn:workers' }, 'DeletedOutside', ['DeletedOutside']],
  'somebody deleted it while its size was being set': [{ arn: 'arn:workers', operation: operation('UpdateScaling') }, 'DeletedOutside', ['DeletedOutside']],
}
test.each(Object.entries(cases))('a group is not there: %s', async (_, [status, reason, expected]) => {
  const pass = aPass({ status })
  provisioned(pass)
  expect(pass.draft.conditions.get('Provisioned')).toMatchObject({ status: 'False', reason })
  expect(await eventsOfCreate(pass)).toEqual(expected)
  expect(pass.draft.status.operation).toMatchObject({ kind: 'Create' })
})

test('that somebody deleted it is told once, however often AWS refuses to make it again', async () => {
  const pass = aPass({ status: { arn: 'arn:workers' } })
  const time = '2026-11-21T05:50:00Z'
  const known = { type: 'Provisioned', status: 'False', reason: 'Creating', message: '', lastTransitionTime: time, observedGeneration: 1 } as const
  const object = { ...pass.draft.object, status: { conditions: [known] } }
  expect(await eventsOfCreate({ ...pass, draft: { ...pass.draft, object } })).toEqual([])
})

async function eventsOfCreate(pass: Parameters<typeof create>[0]): Promise<string[]> {
  const told: string[] = []
  expect(await create({ ...pass, context: { ...pass.context, event: ({ reason }) => void told.push(reason) } })).toEqual({ kind: 'checkpoint' })
  return told
}
