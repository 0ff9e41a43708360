import { expect, test } from 'vitest'
import { joinTargets, partitionOf, passRoles, plainUsage, port, positive, whole } from './flags.ts'

test('a port is a whole number up to 65535, and nothing that only looks like one', () => {
  expect(['0', '8080', '65535'].map(port)).toEqual([0, 8080, 65_535])
  for (const text of ['', ' 1', '-1', '1.5', '0x10', '1e3', '65536', 'http']) expect(() => port(text)).toThrow(/a port is a whole number/)
})

test('a rate may have a fraction, a count may not', () => {
  expect(positive('--speed', 10)('0.5')).toBe(0.5)
  for (const text of ['0', '11', '-1', 'Infinity', 'NaN', '']) expect(() => positive('--speed', 10)(text)).toThrow('--speed is a number above 0 and at most 10')
  expect(whole('--seed', 0, 10)('0')).toBe(0)
  for (const text of ['0.5', '11', '-1', '']) expect(() => whole('--seed', 0, 10)(text)).toThrow('--seed is a whole number from 0 to 10')
})

test('nodes join by the kubeconfig of their cluster, else by the one for all; each is given once', () => {
  const both = joinTargets('./a', joinTargets('demo=/k=1'))
  expect([...both]).toEqual([
    ['demo', '/k=1'],
    ['*', './a'],
  ])
  expect(() => joinTargets('demo=b', both)).toThrow('cluster demo was given twice')
  expect(() => joinTargets('./b', both)).toThrow('one kubeconfig for all clusters was given twice')
})

test('roles to pass are ARNs with an account, as in a TargetCluster, and add up', () => {
  const role = 'arn:aws:iam::111122223333:role/demo-node'
  expect(passRoles('arn:aws:iam::111122223333:role/eks/*', passRoles(role))).toEqual([role, 'arn:aws:iam::111122223333:role/eks/*'])
  for (const text of ['', '*', 'demo-node', 'arn:aws:iam::*:role/a', 'arn:aws:iam::111122223333:user/a', `${role} `])
    expect(() => passRoles(text)).toThrow('a role is arn:aws:iam::111122223333:role/NAME')
})

test('roles to pass are of one partition, which is then that of the policy', () => {
  const chinese = ['arn:aws-cn:iam::111122223333:role/a', 'arn:aws-cn:iam::111122223333:role/b']
  expect(passRoles(chinese[1] ?? '', passRoles(chinese[0] ?? ''))).toEqual(chinese)
  expect(chinese.map(partitionOf)).toEqual(['aws-cn', 'aws-cn'])
  expect(() => passRoles('arn:aws:iam::111122223333:role/c', chinese)).toThrow('roles of one partition alone: aws-cn was given before')
})

test("commander's words become one line", () => {
  expect(plainUsage("error: unknown option '--x'\n(Did you mean --y?)\n")).toBe("tidegate: unknown option '--x' (Did you mean --y?)\n")
  expect(plainUsage("error: option '--p' argument 'a' is invalid. a port is a number\n")).toBe(
    "tidegate: option '--p' argument 'a' is invalid: a port is a number\n",
  )
})
