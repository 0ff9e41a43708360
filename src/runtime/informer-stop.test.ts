import { describe, expect, test } from 'vitest'
import { reset, setUp } from './test-informer.ts'

describe('stopping', () => {
  test.each(['before the list ends', 'during the watch', 'while it waits to try again'])(
    '%s ends the run, opens nothing more and leaves no timer',
    async (when) => {
      const { server, clock, informer, stop, seen } = setUp()
      if (when === 'before the list ends') server.ignoreWatchList = true
      if (when === 'while it waits to try again') server.failNext.push(reset())
      const ended = informer.run(stop.signal)
      await clock.advance(0)
      stop.abort()
      await ended
      server.put('a')
      await clock.advance(600_000)
      expect(server.calls).toHaveLength(1)
      expect(seen).toEqual([])
      expect(clock.sleeping).toBe(0)
    },
  )
})
