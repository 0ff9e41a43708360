import { expect, test } from 'vitest'
import { eksAgainMs, waitsForEks } from './eks-numbers.ts'

const eks = { minSize: 1, maxSize: 10, desiredSize: 3 }
const minuteMs = 60_000

test.each<[string, Parameters<typeof waitsForEks>[0], number, boolean, number?]>([
  ['a maximum below the number that EKS still has waits', { maxSize: 2 }, 0, true],
  ['a maximum at that number is sent', { maxSize: 3 }, 0, false],
  ['a minimum above the number that EKS still has waits', { minSize: 4 }, 0, true],
  ['a minimum at that number is sent', { minSize: 3 }, 0, false],
  ['a number that is sent along counts, not that of EKS', { minSize: 4, maxSize: 5, desiredSize: 4 }, 0, false],
  ['a number above the maximum that EKS still has waits', { desiredSize: 11 }, 0, true],
  ['a number below the minimum that EKS still has waits', { desiredSize: 0 }, 0, true],
  ['what EKS has not noticed in minutes waits', { maxSize: 2 }, 5 * minuteMs - 1, true],
  ['what EKS does not notice at all is sent, and its refusal says why', { maxSize: 2 }, 5 * minuteMs, false],
  ['bounds that fit wait while EKS has a lower number than there is, which it may hand on with them', { maxSize: 9 }, 0, true, 5],
  ['for minutes too', { maxSize: 9 }, 5 * minuteMs, false, 5],
  ['they do not where a number goes with them', { maxSize: 9, desiredSize: 5 }, 0, false, 5],
  ['nor where EKS has a higher one', { maxSize: 9 }, 0, false, 2],
])('B1: %s', (_, send, waitedMs, waits, desired = eks.desiredSize) => {
  expect(waitsForEks(send, { eks, desired }, waitedMs)).toBe(waits)
})

test('while it waits it looks soon, and after a while at the pace of rest', () => {
  expect([0, minuteMs, 2 * minuteMs].map(eksAgainMs)).toEqual([2_000, 8_000, 30_000])
})
