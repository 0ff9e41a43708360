import { expect, test } from 'vitest'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { settle } from './settle.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Spec', allowLarge: false } as const

async function settled(kind: Operation['kind'], desiredCapacity: number): Promise<{ readonly told: readonly object[]; readonly outcome: string | undefined }> {
  const told: object[] = []
  const operation = { kind, paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z', to: '1/3/10' } as const
  const seen = { group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity }) }
  const pass = aPass({ spec: { scaling }, ...seen, status: { operation }, event: (event) => void told.push(event) })
  expect(await settle(pass)).toBeUndefined()
  return { told, outcome: pass.draft.status.history?.at(-1)?.outcome }
}

test('sizes that show are told once, as AWS has them', async () => {
  const note = 'workers has minSize 1, desiredSize 3, maxSize 10 in AWS'
  expect(await settled('UpdateScaling', 3)).toEqual({ told: [{ type: 'Normal', reason: 'Scaled', action: 'UpdateScaling', note }], outcome: 'Succeeded' })
})

test('sizes that do not show yet are neither told nor done', async () => {
  expect(await settled('UpdateScaling', 1)).toEqual({ told: [], outcome: undefined })
})

test('a group that was made is told', async () => {
  const note = 'node group workers is Active'
  expect(await settled('Create', 3)).toEqual({ told: [{ type: 'Normal', reason: 'Created', action: 'Create', note }], outcome: 'Succeeded' })
})

test('what is none of its own stays under way', async () => {
  expect(await settled('UpdateConfig', 3)).toEqual({ told: [], outcome: undefined })
})
