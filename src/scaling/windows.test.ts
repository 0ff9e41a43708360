import { type Arbitrary, array, assert, constant, constantFrom, integer, oneof, property, record, subarray, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { offsetMs } from './wall-clock.ts'
import { type Window, type WindowState, windowState } from './windows.ts'

const berlin = 'Europe/Berlin'
const newYork = 'America/New_York'
const week = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const
const nights: readonly Window[] = [{ days: ['Saturday'], start: '22:00', end: '04:00' }]
const daily = (start: string, end: string): readonly Window[] => [{ days: week, start, end }]
const at = (text: string): Date => new Date(text)
const openUntil = (text: string): WindowState => ({ open: true, until: at(text) })
const opensAt = (text: string): WindowState => ({ open: false, nextOpen: at(text) })

/** 2026: Berlin puts its clock forward on 29 March at 01:00Z and back on 25 October at 01:00Z; New York on 8 March at 07:00Z and 1 November at 06:00Z. */
const table: Record<string, [readonly Window[], string, string, WindowState]> = {
  'no windows: at any time': [[], berlin, '2026-11-21T06:00:00Z', { open: true }],
  'the whole day, every day: at any time': [daily('00:00', '24:00'), berlin, '2026-03-29T00:59:00Z', { open: true }],
  'before it opens': [nights, berlin, '2026-11-21T20:59:59Z', opensAt('2026-11-21T21:00:00Z')],
  'the moment in which it opens': [nights, berlin, '2026-11-21T21:00:00Z', openUntil('2026-11-22T03:00:00Z')],
  'past midnight, on a day that is not listed': [nights, berlin, '2026-11-22T02:00:00Z', openUntil('2026-11-22T03:00:00Z')],
  'the moment in which it closes': [nights, berlin, '2026-11-22T03:00:00Z', opensAt('2026-11-28T21:00:00Z')],
  'the listed day before the window of its evening': [nights, berlin, '2026-11-21T01:00:00Z', opensAt('2026-11-21T21:00:00Z')],
  'until midnight': [[{ days: ['Monday'], start: '09:00', end: '24:00' }], newYork, '2026-11-23T15:00:00Z', openUntil('2026-11-24T05:00:00Z')],
  'windows that touch are one': [
    [
      { days: ['Monday'], start: '20:00', end: '24:00' },
      { days: ['Tuesday'], start: '00:00', end: '02:00' },
    ],
    'UTC',
    '2026-11-23T21:00:00Z',
    openUntil('2026-11-24T02:00:00Z'),
  ],
  'windows that overlap are one': [
    [
      { days: week, start: '20:00', end: '23:00' },
      { days: ['Monday'], start: '22:00', end: '23:30' },
    ],
    'UTC',
    '2026-11-23T20:30:00Z',
    openUntil('2026-11-23T23:30:00Z'),
  ],
  'over the hour that is skipped: an hour shorter': [daily('01:00', '04:00'), berlin, '2026-03-29T00:30:00Z', openUntil('2026-03-29T02:00:00Z')],
  'within the hour that is skipped: not on that day': [
    [{ days: ['Sunday'], start: '02:10', end: '02:50' }],
    berlin,
    '2026-03-28T12:00:00Z',
    opensAt('2026-04-05T00:10:00Z'),
  ],
  'from within the hour that is skipped: open as soon as the clock has jumped': [
    daily('02:30', '03:15'),
    berlin,
    '2026-03-29T00:59:59Z',
    opensAt('2026-03-29T01:00:00Z'),
  ],
  'to within the hour that is skipped: closed as soon as the clock has jumped': [
    daily('01:00', '02:30'),
    berlin,
    '2026-03-29T00:15:00Z',
    openUntil('2026-03-29T01:00:00Z'),
  ],
  'over the hour that comes twice: an hour longer': [daily('01:00', '04:00'), berlin, '2026-10-25T00:30:00Z', openUntil('2026-10-25T03:00:00Z')],
  'within the hour that comes twice: the first time': [daily('02:10', '02:50'), berlin, '2026-10-25T00:20:00Z', openUntil('2026-10-25T00:50:00Z')],
  'within the hour that comes twice: the second time': [daily('02:10', '02:50'), berlin, '2026-10-25T00:50:00Z', opensAt('2026-10-25T01:10:00Z')],
  'to within the hour that comes twice: closed, and open again when the clock is put back': [
    daily('01:00', '02:30'),
    berlin,
    '2026-10-25T00:45:00Z',
    opensAt('2026-10-25T01:00:00Z'),
  ],
  'New York, over the hour that is skipped': [daily('01:00', '04:00'), newYork, '2026-03-08T06:30:00Z', openUntil('2026-03-08T08:00:00Z')],
  'New York, over the hour that comes twice': [daily('01:30', '03:00'), newYork, '2026-11-01T05:45:00Z', openUntil('2026-11-01T06:00:00Z')],
  'a zone with half an hour': [daily('09:00', '10:00'), 'Asia/Kolkata', '2026-11-21T03:00:00Z', opensAt('2026-11-21T03:30:00Z')],
}
test.each(Object.entries(table))('%s', (_, [windows, timeZone, now, expected]) => {
  expect(windowState(windows, timeZone, at(now))).toEqual(expected)
})

test('a time zone that nobody knows is an error', () => {
  expect(() => windowState(nights, 'Europe/Atlantis', at('2026-11-21T06:00:00Z'))).toThrow(RangeError)
})

describe('on days around a change of the clock, and any other', () => {
  const time = integer({ min: 0, max: 1439 }).map((minute) => clock(minute))
  const window: Arbitrary<Window> = record({ days: subarray([...week], { minLength: 1 }), start: time, end: oneof(time, constant('24:00')) }).filter(
    ({ start, end }) => start !== end && !(start === '00:00' && end === '24:00'),
  )
  const moment = tuple(
    constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-07-01T00:00Z'),
    integer({ min: -2880, max: 2880 }),
  ).map(([day, minutes]) => new Date(Date.parse(day) + minutes * 60_000))
  const inputs = [array(window, { minLength: 1, maxLength: 3 }), constantFrom(berlin, newYork), moment] as const

  test('it is open exactly while the clock on the wall shows a time within a window', () => {
    assert(
      property(...inputs, (windows, timeZone, now) => {
        expect(windowState(windows, timeZone, now).open).toBe(shownInside(windows, timeZone, now))
      }),
    )
  })

  test('nothing changes before the moment that it tells, and then it does', { timeout: 60_000 }, () => {
    assert(
      property(...inputs, (windows, timeZone, now) => {
        const state = windowState(windows, timeZone, now)
        const change = state.open ? state.until : state.nextOpen
        const end = change ?? new Date(now.getTime() + 9 * 86_400_000)
        expect(end.getTime()).toBeGreaterThan(now.getTime())
        for (let share = 0; share < 1; share += 0.05) {
          const between = new Date(Math.floor(now.getTime() + (end.getTime() - now.getTime()) * share))
          expect(shownInside(windows, timeZone, between)).toBe(state.open)
        }
        expect(shownInside(windows, timeZone, new Date(end.getTime() - 1))).toBe(state.open)
        expect(change === undefined || shownInside(windows, timeZone, change) !== state.open).toBe(true)
      }),
    )
  })

  test('the offset is what Node itself prints', () => {
    assert(
      property(moment, constantFrom(berlin, newYork), (now, timeZone) => {
        const printed = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
          .formatToParts(now)
          .find(({ type }) => type === 'timeZoneName')?.value
        const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(printed ?? '') ?? []
        expect(offsetMs(timeZone, now.getTime())).toBe((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000)
      }),
    )
  })
})

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** Another way to ask: what a clock prints, compared as text. */
function shownInside(windows: readonly Window[], timeZone: string, moment: Date): boolean {
  const format = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(moment)
  const day = format({ weekday: 'long' })
  const shown = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const dayBefore = week[(week.findIndex((name) => name === day) + 6) % 7] ?? ''
  return windows.some(({ days, start, end }) =>
    start < end ? days.includes(day) && shown >= start && shown < end : (days.includes(day) && shown >= start) || (days.includes(dayBefore) && shown < end),
  )
}
