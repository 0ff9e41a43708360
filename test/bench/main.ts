import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../src/lib/clock.ts'
import { createProgressDisplay } from '../../src/local/progress-display.ts'
import type { BenchCase, BenchContext, BenchSettings } from './bench.ts'
import { cacheCase } from './cases/cache.ts'
import { drainCase } from './cases/drain.ts'
import { groupsCase } from './cases/groups.ts'
import { idleCase } from './cases/idle.ts'
import { installCase } from './cases/install.ts'
import { lagCase } from './cases/lag.ts'
import { leaderCase } from './cases/leader.ts'
import { startCase } from './cases/start.ts'
import { type FigureLine, lineOf } from './figure.ts'

const cases: readonly BenchCase[] = [cacheCase, lagCase, leaderCase, startCase, idleCase, installCase, drainCase, groupsCase]
const display = createProgressDisplay(process.stderr, systemClock)

/** Runs one case, prints its figures, and ends everything that it started. Gives the figures that were measured, also when it failed half-way. */
async function runCase(bench: BenchCase, settings: BenchSettings, signal: AbortSignal): Promise<readonly FigureLine[]> {
  const started = systemClock.monotonicMs()
  const lines: FigureLine[] = []
  const stops: (() => Promise<unknown>)[] = []
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-'))
  stops.push(async () => await rm(folder, { recursive: true, force: true }))
  const machine = { cores: cpus().length, node: process.version }
  const progress = (text: string): void => {
    display.say(`[${((systemClock.monotonicMs() - started) / 1000).toFixed(0).padStart(4)} s] ${bench.name}: ${text}`)
  }
  const context: BenchContext = {
    signal,
    folder,
    settings,
    progress,
    figure: (figure) => {
      const conditions = { ...figure.conditions, ...machine, load: Math.round((loadavg()[0] ?? 0) * 10) / 10 }
      const line = lineOf({ case: bench.name, ...figure, conditions })
      lines.push(line)
      process.stdout.write(`${JSON.stringify(line)}\n`)
    },
    defer: (stop) => stops.push(stop),
  }
  try {
    await bench.run(context)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await keep(lines)
    for (const stop of stops.toReversed()) await stop().catch((error: unknown) => progress(`while ending: ${String(error)}`))
  }
  return lines
}

/** Adds to the results of the day: `bench/results/<date>.json`. */
async function keep(lines: readonly FigureLine[]): Promise<void> {
  if (lines.length === 0) return
  const now = systemClock.now().toISOString()
  const file = join('bench/results', `${now.slice(0, 10)}.json`)
  await mkdir('bench/results', { recursive: true })
  const before = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as readonly object[],
    () => [],
  )
  await writeFile(file, `${JSON.stringify([...before, ...lines.map((line) => ({ at: now, ...line }))], undefined, 1)}\n`)
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0')
  return value
}

function program(signal: AbortSignal): Command {
  return new Command('bench')
    .description('Measures, beside the Go baselines where there is one. One line of JSON per figure; all of them in bench/results/<date>.json.')
    .argument('<case...>', cases.map(({ name, description }) => `${name}: ${description}`).join('\n'))
    .option('--runs <n>', 'how often; each case has its own default', positive)
    .option('--nodes <n>', 'nodes in the cluster', positive, 5000)
    .option('--pods <n>', 'pods in the cluster', positive, 20_000)
    .option('--settle-seconds <n>', 'rest before memory is read', positive, 60)
    .option('--churn-seconds <n>', 'how long nodes are patched', positive, 60)
    .option('--rate <n>', 'patches a second', positive, 100)
    .option('--no-peers', 'only our own programs')
    .option('--baselines <dir>', 'sources of the Go programs (TIDEGATE_BASELINES); they are built in the cache folder', process.env['TIDEGATE_BASELINES'])
    .option('--groups <n>', 'node groups', positive, 200)
    .option('--rest-seconds <n>', 'how long node groups are watched at rest', positive, 1200)
    .option('--parts <names>', 'parts of a case that has several: create,rest,changes,removals,default-rate', (text) => text.split(','))
    .option('--cpu-profile <dir>', 'write a CPU profile of each operator there')
    .action(async (names: readonly string[], settings: BenchSettings) => {
      for (const name of names) {
        const bench = cases.find((candidate) => candidate.name === name)
        if (bench === undefined) throw new InvalidArgumentError(`there is no case ${name}: ${cases.map((one) => one.name).join(', ')}`)
        if (!signal.aborted) await runCase(bench, settings, signal)
      }
    })
}

const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error(`stopped by ${name}`)))
try {
  await program(stop.signal).parseAsync()
  process.exitCode = stop.signal.aborted ? 130 : 0
} catch (error) {
  display.say(error instanceof Error ? (error.stack ?? error.message) : String(error))
  process.exitCode = error instanceof InvalidArgumentError ? 2 : 1
}
