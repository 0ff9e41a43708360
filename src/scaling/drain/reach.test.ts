import { expect, test } from 'vitest'
import { reachOf } from './reach.ts'

const now = new Date('2026-11-21T06:00:00Z')
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
const cases: readonly (readonly [string, Parameters<typeof reachOf>[0], ReturnType<typeof reachOf>])[] = [
  ['a node of which nothing is known', undefined, 'Reachable'],
  ['a Ready node', { status: 'True', since: ago(60) }, 'Reachable'],
  ['a node that was heard of 4 min ago', { status: 'Unknown', since: ago(4) }, 'Reachable'],
  ['a node that was not heard of for 5 min', { status: 'Unknown', since: ago(5) }, 'Unreachable'],
  ['a node whose kubelet says for 5 min that it is ill', { status: 'False', since: ago(5) }, 'NotReady'],
  ['a condition without a time', { status: 'Unknown', since: undefined }, 'Reachable'],
  ['a condition whose time is none', { status: 'Unknown', since: new Date('yesterday') }, 'Reachable'],
]
test.each(cases)('%s', (_, ready, expected) => {
  expect(reachOf(ready, now)).toBe(expected)
})
