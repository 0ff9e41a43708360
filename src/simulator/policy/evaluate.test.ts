import { describe, expect, it } from 'vitest'
import type { PolicyStatement } from './document.ts'
import { isAllowed, type Need } from './evaluate.ts'

const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({ Effect: 'Allow', Action: 'eks:*', Resource: '*', ...more })
const deny = (more: Partial<PolicyStatement>): PolicyStatement => ({ ...allow(more), Effect: 'Deny' })

const need: Need = {
  action: 'eks:DeleteNodegroup',
  resource: 'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/1',
  context: { 'aws:resourcetag/owner': ['tidegate'] },
}

const cases: Readonly<Record<string, readonly [statements: readonly PolicyStatement[], allowed: boolean]>> = {
  'an action with a wildcard fits': [[allow()], true],
  'actions do not look at case': [[allow({ Action: ['EKS:deletenodegroup'] })], true],
  'another action does not': [[allow({ Action: 'eks:Describe*' })], false],
  'NotAction lets everything else pass': [[{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], true],
  'a resource with wildcards fits': [[allow({ Resource: 'arn:aws:eks:*:*:nodegroup/demo/*/*' })], true],
  'a resource of another cluster does not': [[allow({ Resource: 'arn:aws:eks:*:*:nodegroup/other/*/*' })], false],
  'an explicit deny wins': [[allow(), deny({ Action: 'eks:Delete*' })], false],
  'a deny of something else does not matter': [[allow(), deny({ Action: 'eks:Create*' })], true],
  'a condition on a tag that holds': [[allow({ Condition: { StringEquals: { 'aws:ResourceTag/owner': 'tidegate' } } })], true],
  'one that does not': [[allow({ Condition: { StringEquals: { 'aws:ResourceTag/owner': ['a', 'b'] } } })], false],
  'a key that is not there': [[allow({ Condition: { StringLike: { 'aws:ResourceTag/team': '*' } } })], false],
  'Null asks for absence': [[allow({ Condition: { Null: { 'aws:ResourceTag/team': 'true' } } })], true],
  'all conditions must hold': [
    [allow({ Condition: { StringEquals: { 'aws:ResourceTag/owner': 'tidegate' }, StringNotEquals: { 'aws:ResourceTag/owner': 'tidegate' } } })],
    false,
  ],
}

describe('isAllowed', () => {
  it.each(Object.entries(cases))('%s', (_sentence, [statements, allowed]) => {
    expect(isAllowed({ Version: '2012-10-17', Statement: [...statements] }, need)).toBe(allowed)
  })
})
