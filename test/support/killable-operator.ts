import type { ClusterAccess } from '../../src/kube/cluster-access.ts'
import type { BeforeWrite, OutsideWrite } from '../../src/lib/outside-write.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { type RunningOperator, runOperator } from './operator.ts'

/** Where a process dies: with the nth write about an object unsent, or sent and its answer never read. */
export interface KillPoint {
  readonly at: number
  readonly when: 'before' | 'after'
}

export interface KillableSetup {
  readonly access: string | ClusterAccess
  readonly cloudUrl: string
  readonly clock: Clock
  readonly leaderElect?: boolean
}

/** Which writes count: those whose `action target` contains the text, or that fit. */
export type About = string | ((write: OutsideWrite) => boolean)

/** Events are not counted: they are news, not state. */
export function fits(about: About, write: OutsideWrite): boolean {
  if (write.target.startsWith('events')) return false
  return typeof about === 'string' ? `${write.action} ${write.target}`.includes(about) : about(write)
}

/** An operator that can be killed at an exact write and started again. */
export interface Mortal {
  start(): Promise<void>
  /** Counts the writes that are `about` something from now on, and stands still at `point`, to be killed there. */
  arm(about: About, point?: KillPoint): { readonly writes: readonly OutsideWrite[]; readonly struck: Promise<OutsideWrite> }
  disarm(): void
  /** It sends nothing more. */
  kill(): Promise<void>
  stop(): Promise<void>
}

interface Armed {
  readonly about: About
  readonly point: KillPoint | undefined
  readonly writes: OutsideWrite[]
  readonly struck: PromiseWithResolvers<OutsideWrite>
}

/** One in this process. Dead, the call that it died in never returns, every other one is aborted, and what it knew is lost. */
export class KillableOperator implements Mortal {
  readonly #setup: KillableSetup
  #running: RunningOperator | undefined
  #armed: Armed | undefined
  #life = 0

  constructor(setup: KillableSetup) {
    this.#setup = setup
  }

  isLeader(): boolean {
    return this.#running?.isLeader() ?? false
  }

  async start(): Promise<void> {
    this.#life += 1
    const life = this.#life
    this.#running = await runOperator({ ...this.#setup, beforeWrite: async (write, options) => await this.#beforeWrite(life, write, options) })
  }

  arm(about: About, point?: KillPoint): { readonly writes: readonly OutsideWrite[]; readonly struck: Promise<OutsideWrite> } {
    const armed: Armed = { about, point, writes: [], struck: Promise.withResolvers() }
    this.#armed = armed
    return { writes: armed.writes, struck: armed.struck.promise }
  }

  disarm(): void {
    this.#armed = undefined
  }

  /** No write of this life is sent any more, and everything under way is aborted. */
  async kill(): Promise<void> {
    this.#life += 1
    this.#armed = undefined
    await this.stop()
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  async #beforeWrite(life: number, write: OutsideWrite, { signal }: Parameters<BeforeWrite>[1]): ReturnType<BeforeWrite> {
    if (life !== this.#life) return await never(signal)
    const armed = this.#armed
    if (armed === undefined || !fits(armed.about, write)) return undefined
    armed.writes.push(write)
    const { point, struck } = armed
    if (point === undefined || armed.writes.length !== point.at) return undefined
    if (point.when === 'before') {
      struck.resolve(write)
      return await never(signal)
    }
    return async () => {
      struck.resolve(write)
      await never(signal)
    }
  }
}

/** Hangs until the process is aborted. */
async function never(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  // oxlint-disable-next-line prefer-promise-reject-errors -- the abort's own reason
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return await promise
}
