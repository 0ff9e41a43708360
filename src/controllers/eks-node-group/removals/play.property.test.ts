import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCounted } from './member.ts'
import { type Happening, Play } from './test-play.ts'

const nth = fc.integer({ min: 0, max: 6 })
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('Number' as const), value: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('Order' as const), nth }),
  fc.record({ kind: fc.constant('Cancel' as const) }),
  fc.record({ kind: fc.constant('Shortage' as const), lasts: fc.boolean() }),
  fc.record({ kind: fc.constant('Vanish' as const), nth }),
  fc.record({ kind: fc.constant('Standby' as const), nth }),
  fc.record({ kind: fc.constant('Again' as const), nth }),
  fc.record({ kind: fc.constant('Pass' as const) }),
)

/** More than any removal of a group of seven takes. */
const manyPasses = 100

test('whatever happens in between, a group comes to rest at its number, and AWS never chose who leaves', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 2 }), fc.array(anyHappening, { maxLength: 25 }), (size, minSize, happenings) => {
      const play = new Play(size, minSize)
      for (const one of happenings) play.happen(one)
      // the shortage ends, and the order has said its last word
      play.shortage = false
      let passes = 0
      while (play.pass() && passes < manyPasses) passes += 1
      play.requested = []
      while (play.pass() && passes < manyPasses) passes += 1
      expect(passes).toBeLessThan(manyPasses)
      expect({ desired: play.desired, there: play.members.filter(isCounted).length, removals: play.removals }).toEqual({
        desired: play.keep,
        there: play.keep,
        removals: [],
      })
      expect(play.chosenByAws).toEqual([])
      expect(play.endedUndrained).toEqual([])
      expect(play.endedInVain).toEqual([])
    }),
    { numRuns: 500 },
  )
})
