import { expect, test } from 'vitest'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { SentCalls } from '../sent-calls.ts'
import { settle } from './settle.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 3, sizeOwner: 'Spec', allowLarge: false } as const

interface Settled {
  readonly told: readonly object[]
  readonly outcome: string | undefined
  readonly origin: string | undefined
}

async function settled(kind: Operation['kind'], desiredCapacity: number, group = aGroup()): Promise<Settled> {
  const told: object[] = []
  const operation = { kind, paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z', to: '1/3/10' } as const
  const seen = { group, scalingGroup: aScalingGroup({ desiredCapacity }) }
  const pass = aPass({ spec: { scaling }, ...seen, status: { operation }, event: (event) => void told.push(event) })
  expect(await settle(pass)).toBeUndefined()
  const { history, ownership } = pass.draft.status
  return { told, outcome: history?.at(-1)?.outcome, origin: ownership?.origin }
}

test('sizes that show are told once, as AWS has them', async () => {
  const note = 'workers has minSize 1, desiredSize 3, maxSize 10 in AWS'
  expect(await settled('UpdateScaling', 3)).toEqual({
    told: [{ type: 'Normal', reason: 'Scaled', action: 'UpdateScaling', note }],
    outcome: 'Succeeded',
    origin: undefined,
  })
})

test('P1: sizes that the spec no longer wants, and that may be taken yet, stay under way until they cannot', async () => {
  const operation = { kind: 'UpdateScaling', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T06:00:00Z', to: '1/6/10' } as const
  const calls = new SentCalls()
  const at = async (time: string): Promise<unknown> => {
    const now = new Date(`2026-11-21T${time}Z`)
    const pass = aPass({ spec: { scaling }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 3 }), status: { operation }, now })
    expect(await settle({ ...pass, calls })).toBeUndefined()
    return pass.draft.status.history?.at(-1)?.outcome
  }
  calls.sent('t', new Date('2026-11-21T06:00:10Z'))
  expect([await at('06:00:29'), await at('06:00:30')]).toEqual([undefined, 'Superseded'])
})

test('sizes that do not show yet are neither told nor done', async () => {
  expect(await settled('UpdateScaling', 1)).toEqual({ told: [], outcome: undefined, origin: undefined })
})

test('a group that was made is told', async () => {
  const note = 'node group workers is Active'
  const made = aGroup({ tags: { ...aGroup().tags, 'tidegate.io/origin': 'Created' } })
  const told = [{ type: 'Normal', reason: 'Created', action: 'Create', note }]
  expect(await settled('Create', 3, made)).toEqual({ told, outcome: 'Succeeded', origin: 'Created' })
})

test('P2: a group that was found, and did not show for a moment, was not made: it is kept when its object goes', async () => {
  expect(await settled('Create', 3)).toEqual({ told: [], outcome: 'Superseded', origin: 'Adopted' })
})

test('what is none of its own stays under way', async () => {
  expect(await settled('UpdateConfig', 3)).toEqual({ told: [], outcome: undefined, origin: undefined })
})
