import { expect, test } from 'vitest'
import { SentCalls } from './sent-calls.ts'

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)

test('under a token of this process nothing is on its way before the first call, however old it is', () => {
  const calls = new SentCalls()
  calls.made('token', at('06:00:00'))
  expect(calls.silentMs('token', at('06:30:00'))).toBe(Number.POSITIVE_INFINITY)
})

test('the silence counts from when the last call ended without an answer, not from when it began', () => {
  const calls = new SentCalls()
  calls.made('token', at('06:00:00'))
  for (const time of ['06:00:01', '06:00:46']) calls.sent('token', at(time))
  expect([calls.silentMs('token', at('06:00:46')), calls.silentMs('token', at('06:01:06'))]).toEqual([0, 20_000])
})

test('under a token of another process it counts from when it is first met', () => {
  const calls = new SentCalls()
  expect(['06:00:00', '06:00:07', '06:00:20'].map((time) => calls.silentMs('token', at(time)))).toEqual([0, 7_000, 20_000])
})

test('what is older than any intent is forgotten', () => {
  const calls = new SentCalls()
  calls.made('old', at('06:00:00'))
  calls.sent('new', at('14:00:01'))
  expect(calls.silentMs('old', at('14:00:01'))).toBe(0)
})
