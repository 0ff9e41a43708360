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
