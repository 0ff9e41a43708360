import { expect, test } from 'vitest'
import { decideOwnership, marksOf } from './ownership.ts'

const mark = { uid: 'u1', object: 'training/workers', cluster: 'mc1' }
const question = { name: 'workers', mark, adoption: 'CreateOnly', takeOver: undefined } as const

const cases: Record<string, [Parameters<typeof decideOwnership>[0], string]> = {
  'nothing there is ours to create': [{ ...question, tags: undefined }, 'absent'],
  'nothing there cannot be adopted': [{ ...question, tags: undefined, adoption: 'AdoptOnly' }, 'NotFound'],
  'our own mark is ours': [{ ...question, tags: marksOf(mark) }, 'ours'],
  'the same object with another uid was restored': [{ ...question, tags: marksOf({ ...mark, uid: 'u0' }) }, 'readopt'],
  'the same name in another management cluster is another': [{ ...question, tags: marksOf({ ...mark, uid: 'u0', cluster: 'mc2' }) }, 'OwnedByAnother'],
  'another object of ours is another': [{ ...question, tags: marksOf({ ...mark, uid: 'u0', object: 'b/workers' }) }, 'OwnedByAnother'],
  'a take-over that names the old owner is obeyed': [{ ...question, tags: marksOf({ ...mark, uid: 'u0', cluster: 'mc2' }), takeOver: 'u0' }, 'readopt'],
  'a take-over that names somebody else is not': [{ ...question, tags: marksOf({ ...mark, uid: 'u0', cluster: 'mc2' }), takeOver: 'u9' }, 'OwnedByAnother'],
  'an unmarked group is not taken unasked': [{ ...question, tags: {} }, 'AlreadyExists'],
  'an unmarked group is adopted when asked': [{ ...question, tags: {}, adoption: 'AdoptOrCreate' }, 'adopt'],
}
test.each(Object.entries(cases))('%s', (_, [given, expected]) => {
  const ownership = decideOwnership(given)
  expect(ownership.kind === 'refused' ? ownership.reason : ownership.kind).toBe(expected)
})
