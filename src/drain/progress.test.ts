import { expect, test } from 'vitest'
import type { DrainPlan } from '../scaling/drain/plan.ts'
import { aPod, later, now } from '../scaling/drain/test-pod.ts'
import { countReturns, progressOf } from './progress.ts'
import { type DrainState, deadlineOf } from './request.ts'

const state: DrainState = { step: 'Draining', isolatedAt: now.toISOString() }

test('pods that were made after the isolation are returns of their controller, up to three', () => {
  const [old, made] = [aPod('old', { createdAt: later(-1) }), aPod('made', { createdAt: later(1) })]
  expect(countReturns(state, [old])).toEqual([])
  expect(countReturns(state, [old, made])).toEqual([{ uid: 'rs', times: 1 }])
  expect(countReturns({ ...state, returned: [{ uid: 'rs', times: 2 }] }, [made, made])).toEqual([{ uid: 'rs', times: 3 }])
})

test('pods of the second in which the node was isolated are no returns, nor are those that nobody makes anew', () => {
  expect(countReturns(state, [aPod('a', { createdAt: now }), aPod('bare', { createdAt: later(9), controller: undefined })])).toEqual([])
})

test('a timeout counts from the isolation', () => {
  expect(deadlineOf(state, 60_000)).toEqual(later(60))
  expect(deadlineOf({ step: 'Waiting' }, 60_000)).toBeUndefined()
  expect(deadlineOf(undefined, 60_000)).toBeUndefined()
})

test('controllers without number do not grow the memory beyond what a status takes', () => {
  const pods = Array.from({ length: 150 }, (_, n) => aPod(`p${n}`, { createdAt: later(1), controller: { kind: 'Workflow', name: `w${n}`, uid: `w${n}` } }))
  const returned = countReturns(state, pods)
  expect(returned).toHaveLength(100)
  expect(returned.at(-1)).toEqual({ uid: 'w149', times: 1 })
})

const held = { pod: 'team/b', reason: 'DisruptionBudget', by: 'PodDisruptionBudget team/web', message: 'pod team/b is held' } as const

test.for<readonly [string, Partial<DrainPlan>]>([
  ['2 pods are left', {}],
  ['2 pods are left: DisruptionBudget: pod team/b is held', { blocked: [held] }],
  ['past its deadline, 2 pods are left: team/a, team/b', { pastDeadline: true }],
  ['past its deadline, 2 pods are left: DisruptionBudget: pod team/b is held', { pastDeadline: true, blocked: [held] }],
  ['the deadline has passed, 1 pod is left: team/a', { pastDeadline: true, verdict: 'Failed', left: [aPod('a')] }],
])('%s', ([message, plan]) => {
  const left = [aPod('a'), aPod('b')]
  expect(progressOf({ act: 'Evict', pods: [], left, blocked: [], verdict: 'Draining', pastDeadline: false, ...plan }).message).toBe(message)
})
