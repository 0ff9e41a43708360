import { expect, test } from 'vitest'
import { type Asker, RefusedSettings, type SettingsCall } from './refused-settings.ts'

const call: SettingsCall = { kind: 'Tag', paramsHash: 'a' }
const refusal = { reason: 'AccessDenied', message: 'denied' }
const role = {}
const asker: Asker = { uid: 'u1', generation: 3, retryToken: 'one', through: role, now: new Date('2026-11-21T06:00:00Z') }
const at = (time: string): Date => new Date(`2026-11-21T${time}Z`)

const cases: Record<string, [Partial<Asker>, Partial<SettingsCall>, boolean]> = {
  'a moment later': [{ now: at('06:00:01') }, {}, true],
  'almost ten minutes later': [{ now: at('06:09:59') }, {}, true],
  'ten minutes later': [{ now: at('06:10:00') }, {}, false],
  'by a clock that was set back': [{ now: at('05:59:59') }, {}, false],
  'for another spec': [{ generation: 4 }, {}, false],
  'on another retry token': [{ retryToken: 'two' }, {}, false],
  'when the retry token is gone': [{ retryToken: undefined }, {}, false],
  'through another role': [{ through: {} }, {}, false],
  'for another object': [{ uid: 'u2' }, {}, false],
  'with other values': [{}, { paramsHash: 'b' }, false],
  'for the other settings': [{}, { kind: 'UpdateConfig' }, false],
}
test.each(Object.entries(cases))('what was refused is asked for again %s: pointless?', (_, [by, changed, expected]) => {
  const refused = new RefusedSettings()
  refused.remember(asker, call, refusal)
  expect(refused.isPointless({ ...asker, ...by }, { ...call, ...changed })).toBe(expected)
})

test('what was refused is told until there is another answer', () => {
  const refused = new RefusedSettings()
  refused.remember(asker, call, refusal)
  expect(refused.answerTo({ uid: 'u1' }, call)).toEqual(refusal)
  expect(refused.answerTo({ uid: 'u1' }, { ...call, paramsHash: 'b' })).toBeUndefined()
  refused.forget({ uid: 'u1' }, { kind: 'Tag' })
  expect(refused.answerTo({ uid: 'u1' }, call)).toBeUndefined()
})

test('it is told however long ago it was, until the object is gone', () => {
  const refused = new RefusedSettings()
  for (const kind of ['Tag', 'UpdateConfig'] as const) refused.remember(asker, { ...call, kind }, refusal)
  refused.remember({ ...asker, uid: 'u2', now: at('09:00:01') }, call, refusal)
  expect(refused.answerTo({ uid: 'u1' }, call)).toEqual(refusal)
  refused.forgetObject('u1')
  for (const kind of ['Tag', 'UpdateConfig'] as const) expect(refused.answerTo({ uid: 'u1' }, { ...call, kind })).toBeUndefined()
  expect(refused.answerTo({ uid: 'u2' }, call)).toEqual(refusal)
})
