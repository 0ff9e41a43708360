import { expect, test } from 'vitest'
import { aGroup, aPass } from '../test-pass.ts'
import { questionOf } from './question.ts'

const window = { days: ['Monday'], start: '09:00', end: '10:00' } as const

/** A target in a time zone that no calendar knows: whoever asks for it hears so. */
function inNoTimeZone(version?: string) {
  const pass = aPass({ group: aGroup({ version: '1.35' }), windows: [window], ...(version === undefined ? {} : { spec: { version } }) })
  return questionOf({ ...pass, target: { ...pass.target, timeZone: 'Nowhere/Never' } })
}

test('no calendar is looked at for a group that wants no update', () => {
  expect(inNoTimeZone().opens).toBeUndefined()
})

test('it is for one that wants an update', () => {
  expect(inNoTimeZone('1.36').opens).toContain('Nowhere/Never')
})

const running = { hash: 'h', state: 'Running', generation: 1, startedAt: '2026-11-21T05:00:00Z' } as const
const operation = { kind: 'UpdateVersion', paramsHash: 'p', token: 't', attempt: 1, startedAt: '2026-11-21T05:00:00Z' } as const

const before = (status: NonNullable<Parameters<typeof aPass>[0]>['status']) => questionOf(aPass({ group: aGroup(), status })).before
test('B7: an update that was begun, and whose intent is lost, counts as one that failed: it is not begun again by itself', () => {
  expect(before({ update: running })).toMatchObject({ hash: 'h', state: 'Failed', message: expect.stringContaining('nobody knows what became of it') })
  expect(before({ update: running, operation: { ...operation, kind: 'Tag' } })?.state).toBe('Failed')
  expect(before({ update: running, operation })).toEqual(running)
  expect(before({})).toBeUndefined()
})
