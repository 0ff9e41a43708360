import { expect, test } from 'vitest'
import type { NodeGroupConfigChange } from '../../../aws/eks/port.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { correctConfig } from './correct-config.ts'
import { correctTags } from './correct-tags.ts'

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)

/** A world in which EKS takes every change of settings, and what becomes of it is given. */
function world(outcome: 'Failed' | 'InProgress'): {
  readonly sent: (NodeGroupConfigChange & { readonly token: string })[]
  readonly pass: (time: string, before?: Pass) => Pass
} {
  const sent: (NodeGroupConfigChange & { readonly token: string })[] = []
  let tokens = 0
  const newToken = (): string => {
    tokens += 1
    return `token-${tokens}`
  }
  const given = {
    spec: { labels: { pool: 'workers' } },
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    nodeGroups: {
      updateConfig: async (_cluster: string, _name: string, change: NodeGroupConfigChange, { token }: { readonly token: string }) => {
        sent.push({ ...change, token })
        return 'update'
      },
      describeUpdate: async () => ({ id: 'update', state: outcome, errors: outcome === 'Failed' ? [{ code: 'AccessDenied', message: 'no' }] : [] }),
    },
  }
  const pass = (time: string, before?: Pass): Pass => {
    const made = aPass({ ...given, ...(before === undefined ? {} : { status: before.draft.status }), now: at(time) })
    return { ...made, surroundings: { ...made.surroundings, newToken } }
  }
  return { sent, pass }
}

test('A1: the intent is stored before anything is sent, and is sent with its token', async () => {
  const { sent, pass } = world('InProgress')
  const intended = pass('06:00:00')
  expect(await correctConfig(intended)).toEqual({ kind: 'checkpoint' })
  expect(sent).toEqual([])
  expect(intended.draft.status.operation).toMatchObject({ kind: 'UpdateConfig', token: 'token-1', to: 'labels pool=workers' })
  await correctConfig(pass('06:00:01', intended))
  expect(sent).toEqual([{ labels: { set: { pool: 'workers' }, remove: [] }, token: 'token-1' }])
})

test('A1: what EKS fails to set is sent again with another token and growing delays, and holds nothing else up', async () => {
  const { sent, pass } = world('Failed')
  let last = pass('06:00:00')
  await correctConfig(last)
  last = pass('06:00:01', last)
  await correctConfig(last)
  last = pass('06:00:03', last)
  expect(await correctConfig(last)).toBeUndefined()
  expect(last.draft.status.history).toMatchObject([{ operation: 'UpdateConfig', outcome: 'Failed: AccessDenied: no' }])
  expect(last.draft.conditions.get('InSync')).toMatchObject({ status: 'False', reason: 'Correcting', message: expect.stringContaining('AccessDenied') })
  last = pass('06:00:32', last)
  expect(await correctConfig(last)).toBeUndefined()
  expect(sent).toHaveLength(1)
  await correctConfig(pass('06:00:33', last))
  expect(sent.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
})

test('who set last what differs stands in the operation', async () => {
  const managedFields = [{ manager: 'git', of: 'labels' }, { manager: 'kubectl-edit', of: 'taints' }, { manager: 'kubectl' }]
  const given = { object: { managedFields } as object, spec: { labels: { pool: 'workers' } }, group: aGroup() }
  const one = aPass(given)
  await correctConfig(one)
  expect(one.draft.status.operation).toMatchObject({ to: 'labels pool=workers', fieldManager: 'git' })
  const both = aPass({ ...given, spec: { ...given.spec, taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } })
  await correctConfig(both)
  expect(both.draft.status.operation).toMatchObject({ fieldManager: 'kubectl-edit' })
})

test('settings that show are told once', async () => {
  const told: object[] = []
  const operation = { kind: 'UpdateConfig', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z' } as const
  const given = { spec: { labels: { pool: 'workers' } }, group: aGroup({ labels: { pool: 'workers' } }), event: (event: object) => void told.push(event) }
  const shown = aPass({ ...given, status: { operation } })
  await correctConfig(shown)
  expect(shown.draft.status.history).toMatchObject([{ operation: 'UpdateConfig', outcome: 'Succeeded' }])
  await correctConfig(aPass({ ...given, status: shown.draft.status }))
  const note = 'workers has the settings of the spec in EKS'
  expect(told).toEqual([{ type: 'Normal', reason: 'Corrected', action: 'UpdateConfig', note }])
})

test('another operation that is under way ends first', async () => {
  const operation = { kind: 'UpdateScaling', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z' } as const
  const pass = aPass({ spec: { labels: { pool: 'a' }, tags: { team: 'b' } }, group: aGroup(), scalingGroup: aScalingGroup(), status: { operation } })
  expect([await correctConfig(pass), await correctTags(pass)]).toEqual([undefined, undefined])
  expect(pass.draft.status.operation).toEqual(operation)
})
