import { execFile } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../lib/clock.ts'
import { assetList, buildFlags } from './asset-list.ts'
import { type BuildProgress, duration, progressLine } from './build-progress.ts'
import type { Environment } from './environment.ts'
import { checkGo, goEnvironment, runGo } from './go.ts'
import { explainGoFailure, neededGo, readGoLine } from './go-output.ts'
import { LocalError } from './local-error.ts'
import { writeManifest } from './manifest.ts'
import type { ProgressDisplay } from './progress-display.ts'

export interface BuildOptions {
  readonly sources: string
  /** Where the binaries end up; appears whole or not at all. */
  readonly target: string
  readonly environment: Environment
  readonly clock: Clock
  readonly display: ProgressDisplay
  readonly signal: AbortSignal
}

/** How often the display hears how far it is, in milliseconds. */
const tickMs = 500

/**
 * Builds the control plane's binaries. The caller holds the lock for `target`.
 *
 * Errors: `LocalError`, one line with the remedy. What `go` wrote stands in `<target>.log`.
 */
export async function build(options: BuildOptions): Promise<void> {
  const { target, display, clock } = options
  const started = clock.monotonicMs()
  const work = `${target}.building`
  await rm(work, { recursive: true, force: true })
  try {
    await mkdir(join(work, 'out'), { recursive: true })
    await mkdir(join(work, 'tmp'))
    await new Build(options, work, started).run()
    await rm(target, { recursive: true, force: true })
    await rename(join(work, 'out'), target)
    display.say(`the control plane is built, in ${duration(clock.monotonicMs() - started)}: ${target}`)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      throw new LocalError('NoSpace', `the disk is full: building the control plane needs about 5 GB (${work}); make room and start again`, { cause: error })
    }
    throw error
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

class Build {
  readonly #options: BuildOptions
  readonly #out: string
  readonly #logFile: string
  readonly #env: Record<string, string>
  readonly #started: number
  readonly #modules = new Set<string>()
  #compilingSince: number | undefined
  #progress: Omit<BuildProgress, 'elapsedMs' | 'compilingMs'>

  constructor(options: BuildOptions, work: string, started: number) {
    this.#options = options
    this.#out = join(work, 'out')
    this.#logFile = `${options.target}.log`
    this.#env = goEnvironment(options.environment, join(work, 'tmp'))
    this.#started = started
    this.#progress = { phase: 'preparing', downloaded: 0, modules: 0, compiled: 0, packages: 0, linked: 0, programs: assetList.length }
  }

  async run(): Promise<void> {
    const { sources } = this.#options
    await checkGo(neededGo(await readFile(join(sources, 'go.mod'), 'utf8')), sources, this.#env)
    await writeFile(this.#logFile, '')
    const sums = (await readFile(join(sources, 'go.sum'), 'utf8')).split('\n')
    this.#set({ modules: sums.filter((line) => line !== '' && !line.includes('/go.mod h1:')).length })
    const ticking = new AbortController()
    const ticks = this.#tick(ticking.signal)
    try {
      await this.#countPackages()
      await this.#compile()
      this.#set({ phase: 'checking' })
      await this.#nameAndCheck()
    } finally {
      ticking.abort()
      await ticks
    }
  }

  /** Downloads what is missing, as a side effect; a package whose result the build cache has is not compiled again, so it does not count. */
  async #countPackages(): Promise<void> {
    let packages = 0
    const format = '{{if .Stale}}{{.StaleReason}}{{end}}'
    await this.#go(['list', '-trimpath', '-deps', '-f', format, ...packagePaths], (line) => {
      if (!line.includes('available in build cache')) packages += 1
    })
    this.#set({ packages, phase: packages === 0 ? 'linking' : 'compiling' })
  }

  async #compile(): Promise<void> {
    this.#compilingSince = this.#options.clock.monotonicMs()
    await this.#go(['build', '-v', ...buildFlags, '-o', `${this.#out}/`, ...packagePaths], () => undefined)
  }

  async #nameAndCheck(): Promise<void> {
    for (const { name, builtAs } of assetList) if (builtAs !== undefined) await rename(join(this.#out, builtAs), join(this.#out, name))
    await checkRuns(this.#out, this.#options.signal)
    await writeManifest(this.#out)
  }

  async #go(args: readonly string[], onOutput: (line: string) => void): Promise<void> {
    const { sources, signal, target } = this.#options
    const errors: string[] = []
    const ok = await runGo(args, {
      folder: sources,
      env: this.#env,
      signal,
      onOutput,
      onError: (line) => {
        errors.push(line)
        appendFileSync(this.#logFile, `${line}\n`)
        this.#read(line)
      },
    })
    if (!ok) throw explainGoFailure(errors, `${target} and Go's caches`, this.#logFile)
  }

  #read(line: string): void {
    const said = readGoLine(line)
    if (said.kind === 'download') this.#set({ downloaded: this.#modules.add(said.module).size })
    if (said.kind !== 'package' || this.#progress.phase !== 'compiling') return
    const compiled = this.#progress.compiled + 1
    this.#set({ compiled, phase: compiled < this.#progress.packages ? 'compiling' : 'linking' })
  }

  #set(change: Partial<BuildProgress>): void {
    this.#progress = { ...this.#progress, ...change }
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { clock, display } = this.#options
    while (!signal.aborted) {
      // `go build` puts a program into the folder when it is linked, and says nothing about it.
      this.#set({ linked: (await readdir(this.#out).catch(() => [])).length })
      const now = clock.monotonicMs()
      const compilingMs = this.#compilingSince === undefined ? 0 : now - this.#compilingSince
      display.update(progressLine({ ...this.#progress, elapsedMs: now - this.#started, compilingMs }))
      await clock.sleep(tickMs, { signal }).catch(() => undefined)
    }
  }
}

const packagePaths = assetList.map((asset) => asset.package)

/** Runs every program once; the first that does not run is a `LocalError` that names it. */
export async function checkRuns(folder: string, signal: AbortSignal): Promise<void> {
  for (const { name, check } of assetList) {
    try {
      await promisify(execFile)(join(folder, name), [...check], { signal, env: { HOME: folder }, timeout: 30_000 })
    } catch (error) {
      signal.throwIfAborted()
      throw new LocalError('BrokenAssets', `${join(folder, name)} does not run here (${whyNot(error)})`, { cause: error })
    }
  }
}

/** A file that the kernel does not take is handed to the shell by libc, which ends with a code of its own: any end but 0 means the same. */
function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EACCES') return 'it is not executable, or its file system is mounted with noexec'
  if (code === 'ENOENT') return 'it is missing, or damaged'
  return 'it is damaged or made for another machine'
}
