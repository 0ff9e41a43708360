import { expect, test } from 'vitest'
import { account, clusterName, joinTargets, namespace, once, passRoles, plainUsage, port, positive, region, targetRoles, user, whole } from './flags.ts'

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

test('roles to assume are ARNs too, and may be of any account', () => {
  const role = 'arn:aws:iam::111122223333:role/tidegate/target'
  expect(targetRoles('arn:aws:iam::*:role/tidegate/targets/*', targetRoles(role))).toEqual([role, 'arn:aws:iam::*:role/tidegate/targets/*'])
  for (const text of ['', '*', 'tidegate/*', 'arn:aws:iam::1*:role/a', 'arn:aws:iam::*:user/a'])
    expect(() => targetRoles(text)).toThrow('a role is arn:aws:iam::111122223333:role/NAME; * stands for any account')
})

test.each([
  [region, ['us-west-2', 'us-gov-west-1'], ['', '*', 'us-west', 'US-WEST-2', 'us-west-2a', 'us-west-2 '], /a region looks like us-west-2/],
  [account, ['111122223333'], ['', '*', '11112222333', '1111-2222-3333', 'demo'], /an account has 12 digits/],
  [clusterName, ['demo', 'prod-*', '*', '0_a', 'a'.repeat(100)], ['', '-a', 'a/b', 'a b', 'a?', 'a'.repeat(101)], /the name of an EKS cluster begins with/],
  [namespace, ['tidegate-system', 'a', '0', 'a'.repeat(63)], ['', 'Bad_Name', '-a', 'a-', 'a.b', 'a b', 'a'.repeat(64)], /a namespace is at most 63 small/],
  [
    user,
    ['admin', 'system:serviceaccount:a:b', 'CN=Jane Doe'],
    ['', ' ', '\n', 'admin ', ' admin', 'admin\n'],
    /a user is the name that kubectl auth whoami tells/,
  ],
] as const)('%o takes what it is for, and says its rule', (parse, good, bad, rule) => {
  expect(good.map(parse)).toEqual(good)
  for (const text of bad) expect(() => parse(text)).toThrow(rule)
})

test('a flag for one value does not lose the first of two', () => {
  expect(once(account)('111122223333', undefined)).toBe('111122223333')
  expect(() => once(account)('444455556666', '111122223333')).toThrow('111122223333 was given before')
})

test("commander's words become one line", () => {
  expect(plainUsage("error: unknown option '--x'\n(Did you mean --y?)\n")).toBe("tidegate: unknown option '--x' (Did you mean --y?)\n")
  expect(plainUsage("error: option '--p' argument 'a' is invalid. a port is a number\n")).toBe(
    "tidegate: option '--p' argument 'a' is invalid: a port is a number\n",
  )
})
