import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { eventually } from '../../support/eventually.ts'

/** The checkout. */
export const root = new URL('../../../', import.meta.url).pathname

/** The Node that the project brings, and what its scripts give it. */
export const nodeArgs = [process.execPath, '--disable-warning=ExperimentalWarning'] as const

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A real process in a group of its own, as a terminal would start it. What is left of it when the test ends is killed. */
export class Program {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  constructor(command: readonly string[], options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string } = {}) {
    const [program = '', ...args] = command
    const { env = process.env, cwd = root } = options
    this.#child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => resolve({ code, signal }))
    })
    this.pid = this.#child.pid ?? 0
    onTestFinished(() => {
      if (this.running) this.signalGroup('SIGKILL')
    })
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Waits until standard output has this, and gives the match. Throws, with all that was said, when it ends before. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    const all = (): string => `${this.#stdout}${this.#stderr}`
    const match = await eventually(
      () => {
        const found = pattern.exec(this.#stdout)
        if (found === null && this.running) throw new Error(`${String(pattern)} was not said:\n${all()}`)
        return found
      },
      { timeoutMs },
    )
    if (match === null) throw new Error(`it ended and had not said ${String(pattern)}:\n${all()}`)
    return match
  }

  /** To every process of the group, as the terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** This process, its children, and theirs, by way of /proc: also those in sessions of their own. */
  family(): readonly number[] {
    const parents = new Map<number, number>()
    for (const name of readdirSync('/proc')) {
      const parent = /^PPid:\s+(\d+)/m.exec(statusOf(Number(name)) ?? '')?.[1]
      if (parent !== undefined) parents.set(Number(name), Number(parent))
    }
    const family = [this.pid]
    for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
    return family
  }
}

/** Runs a program to its end, for longer than any waits by itself, and less than a test. Unlike `Program` also in concurrent tests and in hooks. */
export async function run(
  [program = '', ...args]: readonly string[],
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string } = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const { env = process.env, cwd = root } = options
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 150_000, killSignal: 'SIGKILL' })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const [stdout, stderr, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, signal, stdout, stderr }
}

/** Those of `pids` that live; a zombie does not. */
export function alive(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => !/^State:\s+Z/m.test(statusOf(pid) ?? 'State: Z'))
}

function statusOf(pid: number): string | undefined {
  try {
    return existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : undefined
  } catch {
    return undefined // gone meanwhile
  }
}
