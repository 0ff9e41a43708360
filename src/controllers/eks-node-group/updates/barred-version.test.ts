import { expect, test } from 'vitest'
import { barredVersion } from './barred-version.ts'

type Has = Parameters<typeof barredVersion>[1]

const free: Record<string, readonly [string, Has]> = {
  'the version of the cluster': ['1.36', { group: '1.35', cluster: '1.36' }],
  'one between both': ['1.35', { group: '1.34', cluster: '1.36' }],
  'by number, not by letters': ['1.100', { group: '1.99', cluster: '1.100' }],
  'a cluster whose version is not known': ['1.37', { group: '1.36', cluster: undefined }],
  'a group whose version is not known': ['1.35', { group: undefined, cluster: '1.36' }],
  'a version of the cluster that cannot be read': ['1.37', { group: '1.36', cluster: 'v1.36.2-eks' }],
  'a version of the group that cannot be read': ['1.35', { group: '1.36 ', cluster: '' }],
  'a wish that cannot be read': ['next\n', { group: '1.36', cluster: '1.36' }],
  'numbers that nobody has': ['1.99999999999999999999', { group: '1.36', cluster: '1.36' }],
}
test.each(Object.entries(free))('B7: nothing bars %s', (_, [wanted, has]) => {
  expect(barredVersion(wanted, has)).toBeUndefined()
})

test.each([
  ['1.37', { group: '1.36', cluster: '1.36' }, 'which has 1.36: update the cluster to 1.37 first, and this goes on by itself, or set spec.version to 1.36'],
  ['1.100', { group: '1.99', cluster: '1.99' }, 'which has 1.99: update the cluster to 1.100'],
  ['2.0', { group: '1.36', cluster: '1.36' }, 'which has 1.36: update the cluster to 2.0'],
  ['1.35', { group: '1.36', cluster: '1.36' }, 'this one has 1.36: set spec.version to 1.36, or leave it out'],
  ['1.35', { group: '1.36', cluster: undefined }, 'this one has 1.36'],
  ['1.9', { group: '1.36', cluster: '1.37' }, 'this one has 1.36'],
])('B7: %s of %o is barred, with the versions and the way out', (wanted, has, words) => {
  expect(barredVersion(wanted, has)).toContain(words)
})
