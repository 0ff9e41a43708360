import { expect, test } from 'vitest'
import { FakeClock } from './fake-clock.ts'

test('a loop of sleeps runs as often as on a real clock', async () => {
  const clock = new FakeClock()
  let ticks = 0
  const stop = new AbortController()
  const loop = (async () => {
    for (;;) {
      await clock.sleep(100, { signal: stop.signal })
      ticks += 1
    }
  })()

  await clock.advance(1_050)
  stop.abort(new Error('enough'))

  await expect(loop).rejects.toThrow('enough')
  expect(ticks).toBe(10)
  expect(clock.sleeping).toBe(0)
})

test('setting the wall clock does not move the monotonic one', async () => {
  const clock = new FakeClock()
  await clock.advance(500)
  clock.setWall(new Date('2030-01-01T00:00:00Z'))
  expect(clock.monotonicMs()).toBe(500)
  expect(clock.now().toISOString()).toBe('2030-01-01T00:00:00.000Z')
})
