import { expect, test } from 'vitest'
import { renderIamPolicy } from '../aws/iam-policy.ts'
import { type IamPolicyFlags, iamPolicyOptions } from './iam-policy-flags.ts'
import { UsageError } from './process.ts'

const passRole = ['arn:aws:iam::111122223333:role/demo-node', 'arn:aws:iam::111122223333:role/eks/*']

test('without a flag it is the policy of config/iam', () => {
  expect(iamPolicyOptions({})).toEqual({})
})

test('each flag narrows what it names, and they go together', () => {
  const targetRole = ['arn:aws:iam::*:role/tidegate/targets/*']
  const flags = { region: 'us-west-2', account: '111122223333', cluster: 'demo', passRole, targetRole }
  const options = { partition: 'aws', region: 'us-west-2', accountId: '111122223333', cluster: 'demo', passRoleArns: passRole, targetRoleArns: targetRole }
  expect(iamPolicyOptions(flags)).toEqual(options)
})

test('the partition is that of the region or of the roles, also of what no flag names', () => {
  expect(iamPolicyOptions({ region: 'us-gov-west-1' })).toMatchObject({ partition: 'aws-us-gov' })
  expect(iamPolicyOptions({ region: 'us-isob-east-1' })).toMatchObject({ partition: 'aws-iso-b' })
  const policy = renderIamPolicy(iamPolicyOptions({ passRole: ['arn:aws-cn:iam::111122223333:role/a'], region: 'cn-north-1' }))
  expect(policy).toContain('"arn:aws-cn:eks:cn-north-1:*:cluster/*"')
  expect(policy).toContain('"arn:aws-cn:iam::*:role/tidegate/*"')
  expect(policy).not.toContain('arn:aws:')
})

const contradictions: Readonly<Record<string, readonly [IamPolicyFlags, RegExp]>> = {
  'node roles of two partitions': [
    { passRole: ['arn:aws-cn:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b'] },
    /one policy is for one partition: --pass-role arn:aws-cn:\S+ is of aws-cn, --pass-role arn:aws:\S+ of aws$/,
  ],
  'a target role of another partition than the node roles': [
    { passRole, targetRole: ['arn:aws-cn:iam::*:role/a'] },
    /is of aws, --target-role arn:aws-cn:iam::\*:role\/a of aws-cn$/,
  ],
  'a region of another partition than the roles': [{ region: 'cn-north-1', passRole }, /--region cn-north-1 is of aws-cn, --pass-role \S+demo-node of aws$/],
  'a node role of another account': [
    { account: '444455556666', passRole },
    /a role is passed in its own account alone: --pass-role \S+demo-node is not of --account 444455556666$/,
  ],
}
test.each(Object.entries(contradictions))('%s: refused in words, since the policy would allow less than it seems to', (_, [flags, words]) => {
  expect(() => iamPolicyOptions(flags)).toThrow(UsageError)
  expect(() => iamPolicyOptions(flags)).toThrow(words)
})

test('a target role may be of another account than the operator', () => {
  expect(iamPolicyOptions({ account: '111122223333', targetRole: ['arn:aws:iam::444455556666:role/a'] })).toMatchObject({ accountId: '111122223333' })
})
