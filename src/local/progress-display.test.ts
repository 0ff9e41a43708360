import { expect, it } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { createProgressDisplay, type DisplayStream } from './progress-display.ts'

function recorder(terminal: { readonly isTTY?: boolean; readonly columns?: number } = {}): { readonly stream: DisplayStream; readonly written: string[] } {
  const written: string[] = []
  return { stream: { ...terminal, write: (text) => written.push(text) }, written }
}

it('writes a plain line every five seconds where there is no terminal, and what must stay at once', async () => {
  const clock = new FakeClock()
  const { stream, written } = recorder()
  const display = createProgressDisplay(stream, clock)
  for (let tick = 0; tick < 24; tick += 1) {
    display.update(`${tick}`)
    if (tick === 3) display.say('stays')
    await clock.advance(500)
  }
  expect(written).toEqual(['0\n', 'stays\n', '10\n', '20\n'])
})

it('rewrites one line on a terminal, never wider than it, and clears it for what must stay', () => {
  const { stream, written } = recorder({ isTTY: true, columns: 10 })
  const display = createProgressDisplay(stream, new FakeClock())
  display.update('a long line indeed')
  display.update('short')
  display.say('stays')
  display.say('stays too')
  expect(written).toEqual(['\r\u001B[2Ka long li', '\r\u001B[2Kshort', '\r\u001B[2Kstays\n', 'stays too\n'])
})
