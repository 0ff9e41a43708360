import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'
import { seededRandom } from './random.ts'

test('delays double up to the cap', () => {
  const delays = [1, 2, 3, 4, 5].map((failures) => backoffMs(failures, { baseMs: 100, capMs: 900 }, seededRandom(1)))
  expect(delays).toEqual([100, 200, 400, 800, 900])
})

test('with full jitter a delay lies between nothing and the whole', () => {
  const random = seededRandom(1)
  for (let n = 0; n < 100; n += 1) {
    const delay = backoffMs(3, { baseMs: 100, capMs: 900, jitter: 1 }, random)
    expect(delay).toBeGreaterThanOrEqual(0)
    expect(delay).toBeLessThan(400)
  }
})
