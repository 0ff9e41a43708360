import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../observability/logger.ts'

/** A part of the process that runs until it is told to stop. */
export interface Runnable {
  readonly name: string
  /** Resolves soon after `signal` aborts. Ending before that, well or badly, ends the process. */
  run(signal: AbortSignal): Promise<void>
  /** Resolves when the next group may start: the port is open, the cache is synced. */
  ready?(signal: AbortSignal): Promise<void>
}

export interface ManagerOptions {
  /** Health and metrics: first to start, last to stop. */
  readonly servers: readonly Runnable[]
  /** Informers: they run on a standby too, so that it takes over with warm caches. */
  readonly caches: readonly Runnable[]
  /** Absent: this process leads without asking. */
  readonly elector?: { run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> } | undefined
  /** Controllers: only while this process leads. */
  readonly leaders: readonly Runnable[]
  readonly clock: Clock
  readonly log: Logger
  /** How long a stop may take in all. Default 4.5 s: a graceful stop ends within 5 s. */
  readonly stopTimeoutMs?: number | undefined
}

/**
 * Starts the parts of a process in order (servers, caches, leadership, controllers) and stops them in reverse.
 *
 * Guarantees: a group starts when the one before is ready; when a part ends by itself all others are stopped and `run` rejects with its name and
 * cause; leadership is released after the controllers have ended; a part that does not stop in time is named in the log and not waited for.
 */
export class Manager {
  readonly #options: ManagerOptions

  constructor(options: ManagerOptions) {
    this.#options = options
  }

  /** Runs until `signal` aborts. Errors: what made a part end, as cause. */
  async run(signal: AbortSignal): Promise<void> {
    const { servers, caches, elector, leaders, clock, log, stopTimeoutMs = 4500 } = this.#options
    const lead = async (leading: AbortSignal): Promise<void> => runAll(leaders, leading)
    const leadership: Runnable = { name: 'leadership', run: async (leading) => (elector === undefined ? lead(leading) : elector.run(leading, lead)) }
    const started: Group[] = []
    let failed = false
    try {
      for (const runnables of [servers, caches, [leadership]]) {
        const group = new Group(runnables)
        started.push(group)
        // oxlint-disable-next-line promise/no-promise-in-callback -- each group watches all that are up
        await untilAborted(signal, Promise.race([group.ready(), ...started.map((one) => one.failure)]))
        if (signal.aborted) break
      }
      if (!signal.aborted) await untilAborted(signal, Promise.race(started.map((one) => one.failure)))
    } catch (error) {
      failed = true
      throw error
    } finally {
      log[failed ? 'error' : 'info']('stopping')
      await this.#stop(started, clock.monotonicMs() + stopTimeoutMs)
      log.info('stopped')
    }
  }

  async #stop(groups: readonly Group[], untilMs: number): Promise<void> {
    const { clock, log } = this.#options
    for (const group of groups.toReversed()) {
      const cancel = new AbortController()
      const timeUp = clock.sleep(Math.max(0, untilMs - clock.monotonicMs()), { signal: cancel.signal }).then(
        () => log.error({ parts: group.running }, 'parts did not stop in time'),
        () => undefined, // they did
      )
      await Promise.race([group.stop(), timeUp])
      cancel.abort()
    }
  }
}

/** Parts that start and stop together. */
class Group {
  readonly #stopping = new AbortController()
  readonly #runnables: readonly Runnable[]
  readonly #running = new Set<string>()
  readonly #ended: Promise<unknown>
  /** Rejects when a part ends before it was told to; never resolves. */
  readonly failure: Promise<never>

  constructor(runnables: readonly Runnable[]) {
    this.#runnables = runnables
    const { promise, reject } = Promise.withResolvers<never>()
    this.failure = promise
    promise.catch(() => undefined) // also when nobody waits for it any more
    this.#ended = Promise.all(
      runnables.map(async (runnable) => {
        this.#running.add(runnable.name)
        try {
          await runnable.run(this.#stopping.signal)
          if (!this.#stopping.signal.aborted) reject(new Error(`${runnable.name} ended by itself`))
        } catch (error) {
          reject(new Error(`${runnable.name} failed`, { cause: error }))
        } finally {
          this.#running.delete(runnable.name)
        }
      }),
    )
  }

  get running(): readonly string[] {
    return [...this.#running]
  }

  async ready(): Promise<void> {
    await Promise.all(this.#runnables.map(async (runnable) => runnable.ready?.(this.#stopping.signal)))
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the process stops'))
    await this.#ended
  }
}

/** All of them until `signal` aborts; when one ends by itself the others are stopped and its error is thrown. */
async function runAll(runnables: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const group = new Group(runnables)
  try {
    await untilAborted(signal, group.failure)
  } finally {
    await group.stop()
  }
}

/** What `promise` comes to, or nothing once `signal` aborts. */
async function untilAborted(signal: AbortSignal, promise: Promise<unknown>): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
