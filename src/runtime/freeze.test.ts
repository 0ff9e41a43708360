import { expect, test } from 'vitest'
import { type Holder, freezeOf, holdMatters, holdOf, newComplaints } from './freeze.ts'

const now = new Date('2026-11-21T06:00:00Z')
const at = (text: string) => freezeOf({ 'tidegate.io/frozen-until': text }, now)

const good: Record<string, [string, string | undefined]> = {
  'a time in the future': ['2026-11-21T18:00:00Z', '2026-11-21T18:00:00.000Z'],
  'a time with an offset': ['2026-11-21T18:00:00+02:00', '2026-11-21T16:00:00.000Z'],
  'a time with a fraction, in small letters': ['2026-11-21t18:00:00.5z', '2026-11-21T18:00:00.500Z'],
  'exactly 30 days': ['2026-12-21T06:00:00Z', '2026-12-21T06:00:00.000Z'],
  'a time that is over': ['2026-11-21T05:59:59Z', undefined],
  'this very moment': ['2026-11-21T06:00:00Z', undefined],
}
test.each(Object.entries(good))('%s', (_, [text, endsAt]) => {
  expect(at(text)?.endsAt?.toISOString()).toBe(endsAt)
  expect(at(text)?.complaint).toBeUndefined()
})

test.each([
  ['nothing at all', ''],
  ['a word', 'tomorrow'],
  ['a date without a time', '2026-11-22'],
  ['a time without a zone', '2026-11-22T06:00:00'],
  ['a day that is not in the calendar', '2027-02-30T06:00:00Z'],
  ['an hour that is not on the clock', '2026-11-22T25:00:00Z'],
  ['seconds since 1970', '1795240800'],
  ['a past that JavaScript would understand', 'Nov 1 2020'],
])('%s holds until somebody corrects it, and says which form is wanted', (_, text) => {
  expect(at(text)).toEqual({ value: text, complaint: expect.stringContaining(`is ${JSON.stringify(text)}, which is no time; wanted is an RFC 3339 time`) })
})

test('a time too far away holds until then, and somebody is told', () => {
  expect(at('2026-12-21T06:00:01Z')).toMatchObject({ endsAt: new Date('2026-12-21T06:00:01Z'), complaint: expect.stringContaining('too far away') })
})

test('a text without end does not fill a message', () => {
  expect(at('x'.repeat(10_000))?.complaint?.length).toBeLessThan(300)
})

test('no annotation is no freeze', () => {
  expect(freezeOf(undefined, now)).toBeUndefined()
  expect(freezeOf({ 'tidegate.io/retry': '2026-11-21T18:00:00Z' }, now)).toBeUndefined()
})

const holder = (what: string, frozen?: string, suspend = false): Holder => ({
  what,
  suspend,
  annotations: frozen === undefined ? undefined : { 'tidegate.io/frozen-until': frozen },
})

test('everything that holds is named, with its end; the earliest end counts', () => {
  const holders = [
    holder('this object', undefined, true),
    holder('TargetCluster demo', '2026-11-21T18:00:00Z'),
    holder('namespace tidegate-system', '2026-11-21T12:00:00Z'),
  ]
  expect(holdOf(holders, now)).toEqual({
    reason: 'Suspended',
    message:
      'this object is suspended (spec.suspend); TargetCluster demo is frozen until 2026-11-21T18:00:00Z; namespace tidegate-system is frozen until 2026-11-21T12:00:00Z: nothing is changed in AWS or on nodes. To end a freeze, remove the annotation tidegate.io/frozen-until there',
    endsInMs: 6 * 3_600_000,
  })
})

test('what ends no freeze by itself has no end', () => {
  expect(holdOf([holder('this object', 'soon')], now)).toMatchObject({ reason: 'Frozen', message: expect.stringContaining('which is no time') })
  expect(holdOf([holder('this object', 'soon')], now)).not.toHaveProperty('endsInMs')
  expect(holdOf([holder('this object'), holder('TargetCluster demo')], now)).toBeUndefined()
})

const paused = (message: string) => [{ type: 'Paused', status: 'True', reason: 'Frozen', message, lastTransitionTime: '' } as const]

test('a bad value is complained about once, and again when it is another one', () => {
  const [first] = newComplaints([holder('this object', 'soon'), holder('TargetCluster demo', '2026-11-21T18:00:00Z')], undefined, now)
  expect(first).toMatch(/^this object is frozen because tidegate.io\/frozen-until is "soon"/)
  const said = paused(holdOf([holder('this object', 'soon')], now)?.message ?? '')
  expect(newComplaints([holder('this object', 'soon')], said, now)).toEqual([])
  expect(newComplaints([holder('this object', 'later')], said, now)).toHaveLength(1)
})

const object = (suspend: boolean, annotations?: Readonly<Record<string, string>>) => ({
  metadata: annotations === undefined ? {} : { annotations },
  spec: { suspend },
})
test.each([
  ['a freeze that came', object(false, { 'tidegate.io/frozen-until': 'x' }), object(false), true],
  ['a freeze that was prolonged', object(false, { 'tidegate.io/frozen-until': 'y' }), object(false, { 'tidegate.io/frozen-until': 'x' }), true],
  ['a freeze that went', object(false), object(false, { 'tidegate.io/frozen-until': 'x' }), true],
  ['a suspension', object(true), object(false), true],
  ['another annotation', object(false, { a: '1' }), object(false), false],
])('%s matters: %j', (_, after, before, matters) => {
  expect(holdMatters(after, before)).toBe(matters)
})
