import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { Child } from '../../src/local/child.ts'
import { findSources } from '../../src/local/sources.ts'
import { shipped } from './programs.ts'
import { type ProcessSample, sampleProcess } from './process-sample.ts'

export interface StartOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly folder: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

let started = 0

/** A program that is measured. It ends when we do, and what it prints is kept. */
export class RunningProgram {
  readonly name: string
  /** Wall clock just before it was started, in milliseconds. */
  readonly startedAtMs: number
  readonly #child: Child
  readonly #logFile: string
  readonly #signal: AbortSignal

  private constructor(child: Child, logFile: string, startedAtMs: number, options: StartOptions) {
    this.name = options.name
    this.#child = child
    this.#logFile = logFile
    this.#signal = options.signal
    this.startedAtMs = startedAtMs
  }

  static async start(options: StartOptions): Promise<RunningProgram> {
    const { name, command, folder, env = process.env, signal } = options
    signal.throwIfAborted()
    const [program = '', ...args] = command
    started += 1
    const logFile = join(folder, `${name}-${started}.log`)
    const defined = Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
    const startedAtMs = systemClock.now().getTime()
    const child = await Child.start({ name, command: program, args, env: defined, cwd: folder, sources: findSources(), logFile, graceMs: 10_000 })
    return new RunningProgram(child, logFile, startedAtMs, options)
  }

  /** One of our bundled programs, as the image starts it. */
  static async startNode(script: string, args: readonly string[], options: Omit<StartOptions, 'command'> & { readonly flags?: readonly string[] }) {
    const { flags = [], env = process.env, ...rest } = options
    const command = [process.execPath, ...shipped.flags, ...flags, script, ...args]
    return await RunningProgram.start({ ...rest, env: { ...env, ...shipped.env }, command })
  }

  /** The first line that `pattern` matches; waits for it. Errors: the program ended, or `timeoutMs` is over. */
  async line(pattern: RegExp, timeoutMs = 120_000): Promise<RegExpExecArray> {
    const deadline = systemClock.monotonicMs() + timeoutMs
    for (;;) {
      const { running } = this.#child
      const found = pattern.exec(await readFile(this.#logFile, 'utf8'))
      if (found !== null) return found
      if (!running || systemClock.monotonicMs() > deadline) {
        const last = await this.#child.lastLines(8)
        throw new Error(`${this.name} ${running ? 'did not say' : 'ended before it said'} ${String(pattern)}:\n${last.join('\n')}`)
      }
      await systemClock.sleep(20, { signal: this.#signal })
    }
  }

  async sample(): Promise<ProcessSample> {
    return await sampleProcess(this.#child.pid)
  }

  send(signal: NodeJS.Signals): void {
    this.#child.signal(signal)
  }

  /** Resolves when it is gone; what it printed last can be read then. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#child.end(signal)
  }
}
