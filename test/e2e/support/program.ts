import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

  /** Waits until standard output has this, and gives the match. */
  async says(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    return await eventually(
      () => {
        const match = pattern.exec(this.#stdout)
        if (match !== null) return match
        throw new Error(`${String(pattern)} was not said${this.running ? '' : ' and the program has ended'}:\n${this.#stdout}${this.#stderr}`)
      },
      { timeoutMs },
    )
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

/** Runs a program to its end. */
export async function run(
  command: readonly string[],
  options: { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string } = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const program = new Program(command, options)
  const ended = await program.ended
  return { ...ended, stdout: program.stdout, stderr: program.stderr }
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
