import { expect, test } from 'vitest'
import { durationMs } from './duration.ts'

const cases: Record<string, [string, number | undefined]> = {
  'an hour': ['1h', 3_600_000],
  'an hour and a half': ['1h30m', 5_400_000],
  'a fraction': ['1.5h', 5_400_000],
  'seconds and milliseconds': ['2s500ms', 2500],
  nothing: ['', undefined],
  'no unit': ['30', undefined],
  'a day, which Go does not know': ['1d', undefined],
  'a sign': ['-1h', undefined],
}
test.each(Object.entries(cases))('%s', (_, [text, ms]) => {
  expect(durationMs(text)).toBe(ms)
})
