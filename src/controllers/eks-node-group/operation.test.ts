import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { conclude, intend, isIntended, remember, retriedInWords } from './operation.ts'

const now = new Date('2026-11-21T06:00:00Z')
const later = (ms: number): Date => new Date(now.getTime() + ms)
const first = intend('Create', 'h1', { token: 't1', now })

test('the same thing tried again counts on, another thing begins anew', () => {
  expect(intend('Create', 'h1', { token: 't2', now, before: first })).toMatchObject({ attempt: 2, token: 't2' })
  expect(intend('Create', 'h2', { token: 't2', now, before: first })).toMatchObject({ attempt: 1 })
  expect(intend('Delete', 'h1', { token: 't2', now, before: first })).toMatchObject({ attempt: 1 })
})

const intents: Record<string, [Parameters<typeof isIntended>, boolean]> = {
  'the stored intent, at once': [[first, 'Create', 'h1', now], true],
  'the stored intent, just under 7 h old': [[first, 'Create', 'h1', later(7 * 3_600_000 - 1000)], true],
  'the stored intent, 7 h old': [[first, 'Create', 'h1', later(7 * 3_600_000)], false],
  'another act': [[first, 'Delete', 'h1', now], false],
  'the same act with other parameters': [[first, 'Create', 'h2', now], false],
  'nothing stored': [[undefined, 'Create', 'h1', now], false],
}
test.each(Object.entries(intents))('%s', (_, [args, acts]) => {
  expect(isIntended(...args)).toBe(acts)
})

test('who asked for an operation stands in its history, also when it took several attempts', () => {
  const before = intend('UpdateScaling', 'h', { token: 't', now, fieldManager: 'kubectl' })
  const status = { operation: intend('UpdateScaling', 'h', { token: 't2', now, before }) }
  conclude(status, 'Succeeded', now)
  expect(status).toMatchObject({ history: [{ operation: 'UpdateScaling', fieldManager: 'kubectl' }] })
})

test('an operation that ended goes into the history, which keeps ten', () => {
  const status: Pick<EksNodeGroupStatus, 'operation' | 'history'> = {}
  for (let n = 0; n < 12; n += 1) {
    status.operation = intend('UpdateScaling', `h${n}`, { token: 't', now, from: `${n}`, to: `${n + 1}` })
    conclude(status, 'Succeeded', now)
  }
  expect(status.operation).toBeUndefined()
  expect(status.history?.map(({ to }) => to)).toEqual(['3', '4', '5', '6', '7', '8', '9', '10', '11', '12'])
  conclude(status, 'Succeeded', now)
  expect(status.history).toHaveLength(10)
})

test('a failure is told of what is tried again, and not of what ended beside it since', () => {
  const status: Pick<EksNodeGroupStatus, 'history'> = {}
  expect(retriedInWords(status, 'UpdateScaling')).toBe('is tried again with growing delays')
  remember(status, { operation: 'UpdateScaling', outcome: 'Failed: InsufficientFreeAddresses' }, now)
  remember(status, { operation: 'RemoveNode', outcome: 'Succeeded' }, now)
  expect(retriedInWords(status, 'UpdateScaling')).toBe('did not work (Failed: InsufficientFreeAddresses); it is tried again with growing delays')
  remember(status, { operation: 'UpdateScaling', outcome: 'Superseded' }, now)
  expect(retriedInWords(status, 'UpdateScaling')).toBe('is tried again with growing delays')
})
