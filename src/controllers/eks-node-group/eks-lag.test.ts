import { expect, test } from 'vitest'
import { EksLag } from './eks-lag.ts'

const eks = { minSize: 1, maxSize: 10, desiredSize: 3 }
const minuteMs = 60_000

test('B1: how long EKS has not noticed counts from the last change of either number, of each group by itself', () => {
  const lag = new EksLag()
  const msAt = (minute: number, desired: number, uid = 'u1') => lag.ms(uid, { eks, desired }, new Date(minute * minuteMs))
  expect([msAt(0, 4), msAt(3, 4), msAt(4, 5), msAt(4, 4, 'u2'), msAt(6, 5), msAt(7, 4, 'u2')]).toEqual([0, 3, 0, 0, 2, 3].map((minutes) => minutes * minuteMs))
})

test('B1: who has not looked for minutes, as under a freeze, begins anew: the numbers may have changed and come back', () => {
  const lag = new EksLag()
  const msAt = (minute: number) => lag.ms('u1', { eks, desired: 4 }, new Date(minute * minuteMs))
  expect([msAt(0), msAt(5), msAt(11), msAt(12)]).toEqual([0, 5, 0, 1].map((minutes) => minutes * minuteMs))
})
