import { expect, test } from 'vitest'
import { unclearAnnotations } from './unclear-annotations.ts'
import { retryTokenOf } from './retry-token.ts'

const uid = '6d0c7a1e-0000-4000-8000-000000000001'
const other = '6d0c7a1e-0000-4000-8000-000000000002'
const of = (annotations: Record<string, string>) => ({
  name: 'workers',
  uid,
  resourceVersion: '1',
  annotations: Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`tidegate.io/${name}`, value])),
})

const cases: Record<string, [Record<string, string>, readonly string[]]> = {
  'no annotation': [{}, []],
  'the right UIDs': [{ 'confirm-deletion': uid, abandon: uid, 'take-over': other }, []],
  'the UID of another object': [{ 'confirm-deletion': other }, ['confirm-deletion is "6d0c7a1e-0000-4000-8000-000000000002"']],
  'a word where a UID is wanted': [{ abandon: 'true' }, ['abandon is "true"']],
  'nothing in it': [{ 'confirm-deletion': '' }, ['confirm-deletion is ""']],
  'no UID to take over': [{ 'take-over': 'team-a' }, ['take-over is "team-a", which is no UID']],
  'an approval, of whatever generation': [{ 'approve-update': '3' }, []],
  'no generation that could be approved': [{ 'approve-update': 'yes' }, ['approve-update is "yes", which is no generation']],
  'nothing approved': [{ 'approve-update': '' }, ['approve-update is ""']],
  'two of them': [{ abandon: 'yes', 'take-over': 'me' }, ['abandon is "yes"', 'take-over is "me"']],
  'a long text with control characters': [{ abandon: `\n${'x'.repeat(500)}` }, ['abandon is "\\nxxx']],
  'tokens, which may be any text': [{ retry: '\u0000 {"weird": [', refresh: 'ü'.repeat(400) }, []],
}
test.each(Object.entries(cases))('%s', (_, [annotations, expected]) => {
  const notes = unclearAnnotations(of(annotations))
  expect(notes).toEqual(expected.map((words) => expect.stringContaining(`tidegate.io/${words}`)))
  for (const note of notes) expect(note.length).toBeLessThan(300)
})

test('a retry is compared as the status keeps it', () => {
  expect(retryTokenOf(of({ retry: 'x'.repeat(1000) }))).toBe('x'.repeat(256))
  expect(retryTokenOf(of({ retry: `${'x'.repeat(255)}🚀` }))).toBe(`${'x'.repeat(255)}\ufffd`)
  expect(retryTokenOf(of({}))).toBeUndefined()
})
