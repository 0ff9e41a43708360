import { expect, test } from 'vitest'
import { AnnotationCritic, notOwnUid } from './annotation-critic.ts'

const name = 'example.com/word'
const of = (value: string, uid = 'u1') => ({ name: 'thing', uid, resourceVersion: '1', annotations: { [name]: value } })

/** The values in the order of the passes; the notes that are told. */
function told(values: readonly string[], critic = new AnnotationCritic((metadata) => notOwnUid(metadata, [name]))): readonly string[] {
  const notes: string[] = []
  for (const value of values) critic.tell(of(value), { event: ({ type, reason, note }) => void notes.push(`${type} ${reason}: ${note}`) })
  return notes
}

const unclear = 'Warning AnnotationUnclear: example.com/word is "yes", which is not the UID of this object (u1); it does nothing'

test.each([
  ['a value that stays is told once', ['yes', 'yes', 'yes'], 1],
  ['the right one is nobody’s news', ['u1', 'u1'], 0],
  ['what was corrected and comes back is told again', ['yes', 'u1', 'yes', 'yes'], 2],
])('%s', (_, values, times) => {
  expect(told(values)).toEqual(Array.from({ length: times }, () => unclear))
})

test('another wrong value is told too', () => {
  expect(told(['yes', 'no', 'no'])).toEqual([unclear, unclear.replace('yes', 'no')])
})

test('each object is told for itself, and what is gone is forgotten', () => {
  const critic = new AnnotationCritic((metadata) => notOwnUid(metadata, [name]))
  expect(told(['yes'], critic)).toHaveLength(1)
  critic.forget('u2')
  expect(told(['yes'], critic)).toEqual([])
  critic.forget('u1')
  expect(told(['yes'], critic)).toHaveLength(1)
})
