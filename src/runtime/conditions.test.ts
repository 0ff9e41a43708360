import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Condition } from '../kube/objects.ts'
import { ConditionSet } from './conditions.ts'

const first = new Date('2026-11-21T06:00:00.500Z')
const later = new Date('2026-11-21T07:00:00Z')

function find(conditions: readonly Condition[], type: string): Condition | undefined {
  return conditions.find((one) => one.type === type)
}

function set(conditions: ConditionSet, type: string, to: Condition['status'], reason: string): void {
  if (to === 'True') conditions.setTrue(type, reason)
  else if (to === 'False') conditions.setFalse(type, reason, 'm')
  else conditions.setUnknown(type, reason, 'm')
}

/** `Ready` of an object that is frozen, and of which this is said besides. */
function readyWhenFrozen(say: (conditions: ConditionSet) => void): Condition | undefined {
  const conditions = new ConditionSet(['Made'], [])
  conditions.setTrue('Made', 'AllMade')
  conditions.paused('Frozen', 'frozen until noon')
  say(conditions)
  return find(conditions.compose(first, 1), 'Ready')
}

describe('ConditionSet', () => {
  test('every dependent is there from the first write, and Ready says which one is missing', () => {
    const composed = new ConditionSet(['Made', 'Joined'], []).compose(first, 3)
    expect(composed.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Made', 'Unknown', 'Pending'],
      ['Joined', 'Unknown', 'Pending'],
      ['Ready', 'Unknown', 'Pending'],
    ])
    expect(composed.every(({ observedGeneration, lastTransitionTime }) => observedGeneration === 3 && lastTransitionTime === '2026-11-21T06:00:00Z')).toBe(true)
  })

  test('Ready has the reason of the first dependent that is not True', () => {
    const conditions = new ConditionSet(['Made', 'Joined', 'Healthy'], [])
    conditions.setTrue('Made', 'AllMade')
    conditions.setFalse('Joined', 'NotJoined', '2 of 3')
    conditions.setUnknown('Healthy', 'NotAsked', '')
    expect(find(conditions.compose(first, 1), 'Ready')).toMatchObject({ status: 'False', reason: 'NotJoined', message: 'Joined: 2 of 3' })
  })

  test('all dependents True is Ready, with the reason that was given', () => {
    const conditions = new ConditionSet(['Made'], [])
    conditions.setTrue('Made', 'AllMade')
    conditions.readyReason('Adopted', 'found as it was')
    expect(find(conditions.compose(first, 1), 'Ready')).toMatchObject({ status: 'True', reason: 'Adopted', message: 'found as it was' })
  })

  test('P8: an object that is held back says that in Ready: nobody waits for AWS, or takes it for kept', () => {
    expect(readyWhenFrozen(() => undefined)).toMatchObject({ status: 'True', reason: 'Frozen', message: 'frozen until noon' })
    expect(readyWhenFrozen((one) => one.readyReason('Adopted', 'found as it was'))).toMatchObject({
      status: 'True',
      message: 'frozen until noon; found as it was',
    })
    const short = readyWhenFrozen((one) => one.setFalse('Made', 'Creating', '2 of 3'))
    expect(short).toMatchObject({ status: 'False', reason: 'Frozen', message: 'frozen until noon; Made: 2 of 3' })
    const said = readyWhenFrozen((one) => one.setFalse('Made', 'Frozen', 'waits: frozen until noon'))
    expect(said).toMatchObject({ status: 'False', reason: 'Frozen', message: 'Made: waits: frozen until noon' })
    expect(readyWhenFrozen((one) => one.stalled('SubnetNotFound', 'name another'))).toMatchObject({
      status: 'False',
      reason: 'SubnetNotFound',
      message: 'name another',
    })
    expect(readyWhenFrozen((one) => one.readyUnknown('ClusterUnreachable', 'no answer'))).toMatchObject({ status: 'Unknown', reason: 'ClusterUnreachable' })
  })

  test('Stalled wins over Reconciling and makes Ready False; an unreachable cluster makes it Unknown', () => {
    const stalled = new ConditionSet([], [])
    stalled.reconciling('Creating', 'under way')
    stalled.stalled('SubnetNotFound', 'name another')
    expect(stalled.compose(first, 1).map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'False', 'SubnetNotFound'],
      ['Stalled', 'True', 'SubnetNotFound'],
    ])
    const unknown = new ConditionSet([], [])
    unknown.readyUnknown('ClusterUnreachable', 'no answer')
    expect(find(unknown.compose(first, 1), 'Ready')).toMatchObject({ status: 'Unknown', reason: 'ClusterUnreachable' })
  })

  test('Reconciling and Stalled go when a pass does not say them again', () => {
    const before = new ConditionSet([], [])
    before.reconciling('Creating', '')
    const after = new ConditionSet([], before.compose(first, 1)).compose(later, 1)
    expect(after.map(({ type }) => type)).toEqual(['Ready'])
  })

  test('a condition that nobody declared is a defect', () => {
    expect(() => new ConditionSet(['Made'], []).setTrue('Mad', 'AllMade')).toThrow('no condition Mad')
  })

  test('a message longer than metav1 takes is cut', () => {
    const conditions = new ConditionSet(['Made'], [])
    conditions.setFalse('Made', 'TooLong', 'x'.repeat(40_000))
    expect(find(conditions.compose(first, 1), 'Made')?.message).toHaveLength(32_768)
  })

  test('the time of a transition moves exactly when the status flips, and a pass that says the same changes nothing', () => {
    const status = fc.constantFrom<Condition['status']>('True', 'False', 'Unknown')
    const said = fc.record({ Made: status, Joined: status, reason: fc.constantFrom('One', 'Two') })
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 8 }), (passes) => {
        let conditions: readonly Condition[] = []
        for (const [index, pass] of passes.entries()) {
          const compose = (): readonly Condition[] => {
            const now = new ConditionSet(['Made', 'Joined'], conditions)
            set(now, 'Made', pass.Made, pass.reason)
            set(now, 'Joined', pass.Joined, pass.reason)
            return now.compose(new Date(first.getTime() + index * 60_000), 1)
          }
          const next = compose()
          for (const one of next) {
            const before = find(conditions, one.type)
            const moved = before?.lastTransitionTime !== one.lastTransitionTime
            expect(moved).toBe(before?.status !== one.status)
          }
          const all = pass.Made === 'True' && pass.Joined === 'True'
          expect(find(next, 'Ready')?.status === 'True').toBe(all)
          conditions = next
          expect(compose()).toEqual(next)
        }
      }),
    )
  })
})

test('an object that is being deleted is not Ready, and says what the deletion waits for', () => {
  const leaving = new ConditionSet(['Provisioned'], [])
  leaving.setTrue('Provisioned', 'Active')
  leaving.leaving()
  expect(leaving.compose(new Date(0), 1).find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Deleting' })
  leaving.reconciling('WaitingForConfirmation', 'confirm it')
  expect(leaving.compose(new Date(0), 1).find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'WaitingForConfirmation',
    message: 'confirm it',
  })
})

test('a pass that ends before it has judged anything leaves what is stalled stalled', () => {
  const before = new ConditionSet(['Provisioned'], [])
  before.setTrue('Provisioned', 'Active')
  before.stalled('AlreadyExists', 'choose another name')
  const stored = before.compose(new Date(0), 1)
  const next = new ConditionSet(['Provisioned'], stored)
  next.reconciling('Creating', 'trying again')
  next.keepStalled()
  expect(next.compose(later, 1)).toEqual(stored)
})
