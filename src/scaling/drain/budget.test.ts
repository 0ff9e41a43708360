import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type RateState, mayBegin, nextShare } from './budget.ts'

const cases: readonly (readonly [string, string, readonly string[], readonly string[], number, boolean])[] = [
  ['the first may begin', 'a', [], ['a'], 1, true],
  ['one that has begun goes on', 'a', ['a', 'b'], [], 1, true],
  ['no place is free', 'c', ['a', 'b'], ['c'], 2, false],
  ['those who asked first go first', 'c', ['a'], ['b', 'c'], 2, false],
  ['as many may begin as there are places', 'c', ['a'], ['b', 'c'], 3, true],
  ['a limit that was lowered frees no place', 'c', ['a', 'b'], ['c'], 1, false],
  ['one that never asked may not begin', 'z', [], ['a'], 5, false],
]
test.each(cases)('%s', (_, id, active, waiting, limit, expected) => {
  expect(mayBegin(id, { active: new Set(active), waiting, limit })).toBe(expected)
})

const fresh: RateState = { givenUntilMs: Number.NEGATIVE_INFINITY }

test('a share is a quarter of a second at most, and the next is due when it is over', () => {
  const first = nextShare(fresh, { nowMs: 1000, perSecond: 20, wanted: 15 })
  expect(first.share).toEqual({ count: 5, atMs: 1000 })
  expect(nextShare(first.state, { nowMs: 1000, perSecond: 20, wanted: 15 }).share).toEqual({ count: 5, atMs: 1250 })
})

test('a rate below four a second gives single calls', () => {
  const first = nextShare(fresh, { nowMs: 0, perSecond: 1, wanted: 9 })
  expect(first.share).toEqual({ count: 1, atMs: 0 })
  expect(nextShare(first.state, { nowMs: 0, perSecond: 1, wanted: 9 }).share).toEqual({ count: 1, atMs: 1000 })
})

test('never more calls become due than the rate allows, plus one share; and none is lost while somebody waits', () => {
  const asks = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), wanted: fc.integer({ min: 1, max: 50 }) }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(asks, fc.integer({ min: 1, max: 200 }), (list, perSecond) => {
      let [state, nowMs] = [fresh, 0]
      const due: { readonly count: number; readonly atMs: number }[] = []
      for (const { afterMs, wanted } of list) {
        nowMs += afterMs
        const next = nextShare(state, { nowMs, perSecond, wanted })
        state = next.state
        due.push(next.share)
        expect(next.share.atMs).toBeGreaterThanOrEqual(nowMs)
      }
      const most = Math.max(1, Math.floor(perSecond / 4))
      for (const [index, from] of due.entries()) {
        const window = due.slice(index)
        for (const to of window) {
          const inside = window.filter(({ atMs }) => atMs >= from.atMs && atMs <= to.atMs).reduce((sum, { count }) => sum + count, 0)
          expect(inside).toBeLessThanOrEqual(((to.atMs - from.atMs) / 1000) * perSecond + most + 1e-6)
        }
      }
    }),
  )
})
