import { expect, test } from 'vitest'
import { OnceTokens } from './once.ts'

const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)

function tokens(): OnceTokens {
  let made = 0
  return new OnceTokens({ id: () => `token-${made++}` })
}

test('B4: a token that waited for days, as under a freeze, is still good for its call, and until then nothing has acted', () => {
  const once = tokens()
  const waiting = once.make()
  once.sent('another', new Date('2026-11-24T06:00:00Z'))
  expect(once.cannotHaveActed(waiting)).toBe(true)
  expect(once.use(waiting, new Date('2026-11-24T06:00:00Z'))).toBe(true)
  expect(once.cannotHaveActed(waiting)).toBe(false)
})

test('B4: the silence counts from when the call ended without an answer, not from when it began', () => {
  const once = tokens()
  const token = once.make()
  once.use(token, at('06:00:00'))
  once.sent(token, at('06:00:45'))
  expect([once.silentMs(token, at('06:00:45')), once.silentMs(token, at('06:01:05'))]).toEqual([0, 20_000])
})

test('B4: under a token of another process it counts from when it is first met, and a call may have acted', () => {
  const once = tokens()
  expect(once.cannotHaveActed('theirs')).toBe(false)
  expect(['06:00:00', '06:00:07', '06:00:20'].map((time) => once.silentMs('theirs', at(time)))).toEqual([0, 7_000, 20_000])
  expect(once.use('theirs', at('06:00:20'))).toBe(false)
})

test('B4: a no of AWS stands when the call is said to have ended, and the next attempt waits from there', () => {
  const once = tokens()
  const token = once.make()
  once.use(token, at('06:00:00'))
  once.end(token)
  once.sent(token, at('06:00:10'))
  expect(once.hasEnded(token)).toBe(true)
  expect(once.cannotHaveActed(token)).toBe(true)
  expect(once.silentMs(token, at('06:00:15'))).toBe(5_000)
})

test('P1: what became of a call is unclear from when it leaves until AWS answers, and of a call of another process', () => {
  const once = tokens()
  const [yes, no] = [once.make(), once.make()]
  expect([once.isUnclear(yes), once.isUnclear('theirs')]).toEqual([false, true])
  for (const token of [yes, no]) once.use(token, at('06:00:00'))
  expect([once.isUnclear(yes), once.isUnclear(no)]).toEqual([true, true])
  once.take(yes)
  once.end(no)
  expect([once.isUnclear(yes), once.isUnclear(no)]).toEqual([false, false])
  // Whoever forgets when it left forgets the answer too.
  once.sent('another', at('07:00:01'))
  expect(once.isUnclear(yes)).toBe(true)
})

test('B4: a call is forgotten after an hour with what AWS said to it, and a lost one never', () => {
  const once = tokens()
  const token = once.make()
  once.use(token, at('06:00:00'))
  once.end(token)
  once.lose('i-1')
  once.sent('another', at('07:00:00'))
  expect(once.hasEnded(token)).toBe(true)
  once.sent('another', at('07:00:01'))
  expect(once.hasEnded(token)).toBe(false)
  expect(once.cannotHaveActed(token)).toBe(false)
  expect(once.silentMs(token, at('07:00:01'))).toBe(0)
  expect(once.wasLost('i-1')).toBe(true)
})
