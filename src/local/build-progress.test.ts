import { expect, it } from 'vitest'
import { type BuildProgress, duration, estimateLeftMs, progressLine } from './build-progress.ts'

const start: BuildProgress = {
  phase: 'preparing',
  downloaded: 0,
  modules: 306,
  compiled: 0,
  packages: 0,
  linked: 0,
  programs: 7,
  compilingMs: 0,
  elapsedMs: 0,
}

it.each<readonly [string, Partial<BuildProgress>, string]>([
  ['nothing is known yet', {}, 'looking at what is needed, 0 s so far'],
  ['modules arrive', { downloaded: 12, elapsedMs: 4_200 }, 'downloading Go modules, 12 of at most 306, 4 s so far'],
  [
    'too early for an estimate',
    { phase: 'compiling', packages: 3053, compiled: 20, compilingMs: 9_000, elapsedMs: 12_000 },
    'compiling, 20 of 3053 packages (0%), 12 s so far',
  ],
  [
    'half of the work is done after two minutes',
    { phase: 'compiling', packages: 3055, compiled: 1720, compilingMs: 120_000, elapsedMs: 150_000 },
    'compiling, 1720 of 3055 packages (56%), 2 min 30 s so far, about 2 min 0 s left',
  ],
  ['only links are left, and none is done', { phase: 'linking', compilingMs: 20_000, elapsedMs: 25_000 }, 'linking, 0 of 7 programs, 25 s so far'],
  [
    'some programs are linked',
    { phase: 'linking', linked: 5, compilingMs: 50_000, elapsedMs: 55_000 },
    'linking, 5 of 7 programs, 55 s so far, about 20 s left',
  ],
  ['the programs are tried', { phase: 'checking', linked: 7, compilingMs: 50_000, elapsedMs: 56_000 }, 'checking the programs, 56 s so far'],
])('says what, how far and how long when %s', (_when, change, line) => {
  expect(progressLine({ ...start, ...change })).toBe(`building the control plane: ${line}`)
})

it('expects less and less while the pace stays', () => {
  const left = [200, 800, 1600, 3000].map((compiled) => estimateLeftMs({ ...start, phase: 'compiling', packages: 3053, compiled, compilingMs: compiled * 118 }))
  expect(left).toEqual(left.toSorted((a, b) => (b ?? 0) - (a ?? 0)))
  expect(left[0]).toBeGreaterThan(0)
})

it('writes durations as people read them', () => {
  expect([0, 59_400, 59_600, 372_000].map(duration)).toEqual(['0 s', '59 s', '1 min 0 s', '6 min 12 s'])
})
