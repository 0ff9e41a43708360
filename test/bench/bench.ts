import type { Figure } from './figure.ts'

/** What a case gets. */
export interface BenchContext {
  /** Aborts at Ctrl-C. Everything that a case starts ends with it. */
  readonly signal: AbortSignal
  /** A folder that is gone after the case. */
  readonly folder: string
  /** Settings of the command line. */
  readonly settings: BenchSettings
  /** Says how far it is. */
  readonly progress: (text: string) => void
  /** Prints a figure and keeps it for the results file. */
  readonly figure: (figure: Omit<Figure, 'case'>) => void
  /** Called in reverse order when the case has ended, however it did. */
  readonly defer: (stop: () => Promise<unknown>) => void
}

export interface BenchSettings {
  readonly runs: number | undefined
  readonly nodes: number
  readonly pods: number
  readonly settleSeconds: number
  readonly churnSeconds: number
  readonly rate: number
  readonly peers: boolean
  readonly baselines: string | undefined
  /** How many node groups. */
  readonly groups: number
  /** How long they are watched at rest. */
  readonly restSeconds: number
  /** Which parts of a case that has several; all when absent. */
  readonly parts: readonly string[] | undefined
  /** Folder for a CPU profile of each operator; none when absent. */
  readonly cpuProfile: string | undefined
}

export interface BenchCase {
  readonly name: string
  readonly description: string
  readonly run: (context: BenchContext) => Promise<void>
}
