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

interface Armed {
  readonly isAbout: (write: OutsideWrite) => boolean
  readonly point: KillPoint | undefined
  readonly writes: OutsideWrite[]
  readonly struck: PromiseWithResolvers<OutsideWrite>
}

/**
 * An operator that can be killed at an exact write. Dead, it sends nothing more: the call that it died in never returns, every other one is aborted,
 * and what it knew is lost.
 */
export class KillableOperator {
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

  /** Counts the writes that are `about` something from now on, and dies at `point`. Events are not counted: they are news, not state. */
  arm(about: About, point?: KillPoint): { readonly writes: readonly OutsideWrite[]; readonly struck: Promise<OutsideWrite> } {
    const isAbout = typeof about === 'string' ? ({ action, target }: OutsideWrite) => `${action} ${target}`.includes(about) : about
    const armed: Armed = { isAbout, point, writes: [], struck: Promise.withResolvers() }
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
    if (armed === undefined || write.target.startsWith('events') || !armed.isAbout(write)) return undefined
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
