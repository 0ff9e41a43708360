import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface ChildOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Where `leash.sh` lies. */
  readonly sources: string
  /** Both outputs are appended to this file; without one they are streams (`output`, `errors`) that the caller must read. */
  readonly logFile?: string
  /** How long SIGTERM may take before SIGKILL, in milliseconds. Default 5,000. */
  readonly graceMs?: number
  /** A folder that goes with the child when it is ended through its leash. */
  readonly remove?: string
  /** Whether processes that the child itself started are ended with it. */
  readonly group?: boolean
}

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * A process that ends when we do, SIGKILL included (leash.sh). It runs in a session of its own, so that Ctrl-C in the terminal reaches only us and
 * we decide the order in which things end.
 */
export class Child {
  readonly name: string
  readonly logFile: string | undefined
  /** The command's own process id, not the leash's. */
  readonly pid: number
  /** Standard output, where no log file was named. */
  readonly output: Readable | undefined
  /** Standard error, where no log file was named. */
  readonly errors: Readable | undefined
  readonly ended: Promise<ChildEnd>
  readonly #leash: ChildProcess
  #end: ChildEnd | undefined

  private constructor(leash: ChildProcess, pid: number, outputs: Pick<Child, 'output' | 'errors'>, options: ChildOptions) {
    this.name = options.name
    this.logFile = options.logFile
    this.pid = pid
    this.output = outputs.output
    this.errors = outputs.errors
    this.#leash = leash
    this.ended = new Promise((resolve) => {
      const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#end = { code, signal }
        resolve(this.#end)
      }
      if (leash.exitCode !== null || leash.signalCode !== null) settle(leash.exitCode, leash.signalCode)
      else leash.once('exit', settle)
    })
  }

  /** Resolves once the command has a process id; whether it runs well is for the caller to find out. */
  static async start(options: ChildOptions): Promise<Child> {
    const { logFile } = options
    const log = logFile === undefined ? 'pipe' : openSync(logFile, 'a', 0o600)
    try {
      const leash = spawn('/bin/sh', [join(options.sources, 'leash.sh'), options.command, ...options.args], {
        cwd: options.cwd,
        env: { ...options.env, ...leashSettings(options) },
        stdio: ['pipe', log, log, 'ignore', 'pipe'],
        detached: true,
      })
      leash.stdin?.on('error', () => undefined)
      // Node throws away what nobody reads when the process exits, and a quick one exits before our caller has it.
      const outputs = { output: leash.stdout?.pipe(new PassThrough()), errors: leash.stderr?.pipe(new PassThrough()) }
      await once(leash, 'spawn')
      const pid = Number((await text(leash.stdio[4] as Readable)).trim())
      return new Child(leash, pid, outputs, options)
    } finally {
      if (typeof log === 'number') closeSync(log)
    }
  }

  get running(): boolean {
    return this.#end === undefined
  }

  /** Sends a signal to the command itself. One that is gone already is no error. */
  signal(signal: NodeJS.Signals): void {
    if (!this.running) return
    try {
      process.kill(this.pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }

  /** Ends it, gently at first (`SIGTERM`, the default) or at once, also when it is stopped. Resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (signal === 'SIGKILL') this.signal('SIGKILL')
    else {
      this.signal('SIGCONT')
      this.#leash.stdin?.end()
    }
    await this.ended
  }

  /** The last lines it wrote, for an error message. */
  async lastLines(count: number): Promise<readonly string[]> {
    if (this.logFile === undefined) return []
    const file = await open(this.logFile)
    try {
      const { size } = await file.stat()
      const length = Math.min(size, 16_384)
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
      return buffer
        .toString('utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .slice(-count)
    } finally {
      await file.close()
    }
  }
}

/** What leash.sh reads from its environment. */
function leashSettings({ graceMs = 5_000, remove, group = false }: ChildOptions): Record<string, string> {
  return {
    LEASH_GRACE: String(Math.ceil(graceMs / 100)),
    ...(remove === undefined ? {} : { LEASH_REMOVE: remove }),
    ...(group ? { LEASH_GROUP: '1' } : {}),
  }
}
