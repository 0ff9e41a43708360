import { expect } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { enforce } from './iam.ts'
import { alive, Program } from './program.ts'
import { type Printed, terminal } from './terminal.ts'

/** What a demo prints is for people: this is what they would read off it. */
export interface Demo {
  readonly program: Program
  /** The address of its simulated AWS. */
  readonly simulator: string
  /** The lines that set up another terminal. */
  readonly setUp: readonly string[]
  /** The six commands. */
  readonly tries: readonly string[]
  /** A command typed in that other terminal. */
  readonly type: (command: string) => Promise<Printed>
}

/** `policy`: IAM holds in its AWS from before the first call. */
export async function startDemo(env: Readonly<Record<string, string>>, { policy }: { readonly policy?: string } = {}): Promise<Demo> {
  const program = new Program(['npm', 'start'], { env })
  const [, simulator = ''] = await program.says(/simulated AWS ready on (\S+),/)
  if (policy !== undefined) await enforce(simulator, policy)
  await program.says(/Ctrl-C ends everything\./)
  const lines = program.stdout.split('\n')
  const setUp = lines.filter((line) => /^ {2}(export|alias) /.test(line)).map((line) => line.trim())
  const tries = lines.filter((line) => /^ {5}kubectl /.test(line)).map((line) => line.trim())
  return { program, simulator, setUp, tries, type: terminal(setUp, { ...env, KUBECONFIG: '/nowhere' }) }
}

/** Ctrl-C in a terminal: npm and the terminal both tell the program. Gives how long it took, in milliseconds. */
export async function interrupt(program: Program): Promise<number> {
  const family = program.family()
  const from = systemClock.monotonicMs()
  program.signalGroup('SIGINT')
  program.signalGroup('SIGINT')
  await program.ended
  const tookMs = systemClock.monotonicMs() - from
  expect(alive(family), 'processes that outlived the demo').toEqual([])
  return tookMs
}
