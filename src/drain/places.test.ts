import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { DrainPlaces } from './places.ts'

function setUp(limit: number) {
  const clock = new FakeClock()
  const visible = new Set<string>()
  return { clock, visible, places: new DrainPlaces(clock, limit, () => visible) }
}

test('as many begin as there are places, and the next when one leaves, in the order in which they asked', () => {
  const { places } = setUp(2)
  expect(['a', 'b', 'c', 'd'].map((node) => places.ask(node))).toEqual([true, true, false, false])
  expect([places.begun, places.waiting]).toEqual([2, 2])
  places.leave('a')
  expect([places.ask('d'), places.ask('c')]).toEqual([false, true])
})

test('what the cluster shows counts, whoever began it', () => {
  const { places, visible } = setUp(1)
  visible.add('a')
  expect(places.ask('b')).toBe(false)
  expect(places.ask('a')).toBe(true)
  visible.clear()
  places.leave('a')
  expect(places.ask('b')).toBe(true)
})

test('one that was begun by a process before takes its place without asking', () => {
  const { places } = setUp(1)
  places.occupy('a')
  expect(places.ask('b')).toBe(false)
})

test('who no longer asks loses his turn', async () => {
  const { places, clock } = setUp(1)
  places.ask('a')
  places.ask('b')
  await clock.advance(50_000)
  places.occupy('a')
  places.ask('c')
  await clock.advance(50_000)
  places.leave('a')
  expect(places.ask('c')).toBe(true)
})

test('one that nobody goes on with keeps no place: AWS may have taken its node', async () => {
  const { places, clock } = setUp(1)
  places.occupy('a')
  await clock.advance(100_000)
  expect(places.ask('b')).toBe(false)
  await clock.advance(50_000)
  expect(places.ask('b')).toBe(true)
})

test('a limit that was raised lets more begin', () => {
  const { places } = setUp(1)
  places.ask('a')
  expect(places.ask('b')).toBe(false)
  places.limit = 2
  expect(places.ask('b')).toBe(true)
})

test('who only looks stands in no queue, and sees who does', () => {
  const { places } = setUp(2)
  places.ask('a')
  expect([places.wouldBegin('b'), places.wouldBegin('c'), places.waiting]).toEqual([true, true, 0])
  places.limit = 1
  places.ask('b')
  places.limit = 2
  expect([places.wouldBegin('c'), places.wouldBegin('b')]).toEqual([false, true])
})
