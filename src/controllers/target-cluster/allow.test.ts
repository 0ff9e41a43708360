import { expect, test } from 'vitest'
import { type Use, refuseUse } from './allow.ts'

const role = 'arn:aws:iam::111122223333:role/demo-node'
const use: Use = { namespace: 'training', namespaceLabels: { team: 'ml' }, roleArn: role }

const cases: Record<string, [Parameters<typeof refuseUse>[1], RegExp | undefined, typeof use?]> = {
  'nothing written lets nobody in': [undefined, /namespace training/],
  'a namespace by name, a role by name': [{ namespaces: { names: ['training'] }, passRoleArns: [role] }, undefined],
  'a group that passes no role needs none': [{ namespaces: { names: ['training'] } }, undefined, { ...use, roleArn: undefined }],
  'a namespace by label': [{ namespaces: { selector: { matchLabels: { team: 'ml' } } }, passRoleArns: [role] }, undefined],
  'another label': [{ namespaces: { selector: { matchLabels: { team: 'web' } } }, passRoleArns: [role] }, /namespace training/],
  'an empty selector lets nobody in': [{ namespaces: { selector: { matchLabels: {} } }, passRoleArns: [role] }, /namespace training/],
  'no role written': [{ namespaces: { names: ['training'] } }, /demo-node/],
  'a role by pattern': [{ namespaces: { names: ['training'] }, passRoleArns: ['arn:aws:iam::111122223333:role/*-node'] }, undefined],
  'a pattern of two stars': [{ namespaces: { names: ['training'] }, passRoleArns: ['arn:aws:iam::111122223333:role/d*mo*e'] }, undefined],
  'a pattern is no regular expression': [{ namespaces: { names: ['training'] }, passRoleArns: ['arn:aws:iam::111122223333:role/demo.node'] }, /demo-node/],
  'a pattern covers the whole name': [{ namespaces: { names: ['training'] }, passRoleArns: ['arn:aws:iam::111122223333:role/demo'] }, /demo-node/],
  'parts do not overlap': [{ namespaces: { names: ['training'] }, passRoleArns: ['arn:aws:iam::111122223333:role/demo-node*node'] }, /demo-node/],
}
test.each(Object.entries(cases))('A8: %s', (_, [allow, refused, given = use]) => {
  expect(refuseUse('demo', allow, given)?.message ?? '').toMatch(refused ?? /^$/)
})
