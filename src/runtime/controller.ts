import type { BackoffOptions } from '../lib/backoff.ts'
import type { Random } from '../lib/random.ts'
import type { CustomObject } from '../kube/objects.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { type ControllerMetrics, createControllerMetrics, type PassResult } from './controller-metrics.ts'
import { type Finished, type Outcome, type PassOptions, runPass } from './pass.ts'
import { isWorthARetry, type Stall, stallOf } from './stalled.ts'
import { WorkQueue } from './workqueue.ts'

/** How often a stalled object is tried again without anybody asking, give or take a tenth. */
const stalledRetryMs = 600_000

/** How long a pass waits for the cache to show what the last one wrote. */
const cacheWaitMs = 10_000

/** How long after its deadline a pass may take to end before its worker turns to other objects. */
const overdueMs = 30_000

export interface ControllerOptions<T extends CustomObject> extends PassOptions<T> {
  /** For logs and metrics. */
  readonly name: string
  readonly cache: { get(key: string): T | undefined }
  /** Resolves once the cache shows this resourceVersion of the key or a later one; to false, or an error, when it did not within `timeoutMs`. */
  readonly waitFor?:
    | ((key: string, resourceVersion: string, options: { readonly signal: AbortSignal; readonly timeoutMs: number }) => Promise<unknown>)
    | undefined
  readonly concurrency: number
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  readonly backoff?: BackoffOptions | undefined
  /** The share by which `requeueAfter` may come later, so that objects of one cause spread out. Default 0.1. */
  readonly requeueJitter?: number | undefined
}

/** What is remembered of a key between passes; nothing that acting depends on, since a restart forgets it. */
interface Memory {
  readonly uid: string
  /** Written by us and not yet seen in the cache. */
  written?: string | undefined
  stall?: Stall | undefined
  /** What it depends on changed since the last pass began. */
  isWoken?: boolean
  /** What it shows changed since the last pass began: by then it is looked at, also where it is stalled. */
  lookAtMs?: number | undefined
  /** A failed pass wrote its status: the event of that write is not worth another pass before this moment. */
  quietUntilMs?: number | undefined
  /** The failure that was logged last: the same one again is for debugging only. */
  logged?: string | undefined
}

/**
 * Runs the reconciler of one kind for every key that it is told of.
 *
 * Guarantees: one pass per key at a time; `concurrency` keys at once, and one that hangs past its deadline keeps no worker; the finalizer is stored
 * before the first `reconcile`, in a pass of its own; the status is applied at most once per pass, only if it changed, and the key runs again only
 * after the cache shows it; after a checkpoint it runs again at once; a throw means backoff; a stalled object runs only when `isWorthARetry`; an
 * object that took the name of another starts fresh.
 * Assumes that somebody tells it of every change (an informer's handler that calls `enqueue`).
 */
export class Controller<T extends CustomObject> {
  readonly #options: ControllerOptions<T>
  readonly #queue: WorkQueue
  readonly #metrics: ControllerMetrics
  readonly #memory = new Map<string, Memory>()
  readonly #schemaTooOld = new Set<string>()
  readonly #loggedPaths = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  /** Of the passes under way. */
  readonly #interrupts = new Map<string, AbortController>()
  #passes = 0

  constructor(options: ControllerOptions<T>) {
    this.#options = options
    const { name, clock, random, metrics, backoff } = options
    this.#queue = new WorkQueue({ name, clock, random, metrics, backoff })
    this.#metrics = createControllerMetrics(metrics, name, options.concurrency)
  }

  /** Something about this object may have changed. */
  enqueue(key: string): void {
    this.#queue.add(key)
  }

  /** As `enqueue`, in `ms` milliseconds; the earliest of several wins. */
  enqueueAfter(key: string, ms: number): void {
    this.#queue.addAfter(key, ms)
  }

  /** Something that this object depends on changed: worth another try even if it is stalled, at once or in `afterMs` milliseconds. */
  retryStalled(key: string, afterMs = 0): void {
    const memory = this.#memory.get(key)
    if (memory !== undefined) {
      memory.stall = undefined
      memory.isWoken = true
    }
    if (afterMs > 0) this.#queue.addAfter(key, afterMs)
    else this.#queue.add(key)
  }

  /**
   * What this object shows changed elsewhere, such as its Nodes: it runs in `afterMs` milliseconds, and where it is stalled in `stalledMs`, since a pass repeats
   * what was refused.
   */
  lookAgain(key: string, { stalledMs, afterMs = 0 }: { readonly stalledMs: number; readonly afterMs?: number }): void {
    const memory = this.#memory.get(key)
    if (memory !== undefined) memory.lookAtMs = Math.min(memory.lookAtMs ?? Number.POSITIVE_INFINITY, this.#options.clock.monotonicMs() + stalledMs)
    if (afterMs > 0) this.#queue.addAfter(key, afterMs)
    else this.#queue.add(key)
  }

  /**
   * What this object may change is another thing now, as after a freeze: its pass under way, if there is one, is aborted, which is no error, and the
   * key runs again at once, also when it is stalled. A write that is on its way may still arrive.
   */
  interrupt(key: string): void {
    this.#interrupts.get(key)?.abort(new Error('what holds this object back has changed'))
    this.retryStalled(key)
  }

  /** Works until `signal` aborts, which also aborts the passes under way; resolves when these have ended. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: this.#options.concurrency }, () => this.#work(signal)))
    this.#queue.shutDown()
    await Promise.all(this.#running)
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.get(signal); key !== undefined; key = await this.#queue.get(signal)) {
      const pass: Promise<void> = this.#process(key, signal).finally(() => this.#running.delete(pass))
      this.#running.add(pass)
      await this.#ended(key, pass)
    }
  }

  /** Resolves when the pass has, or when it is long overdue: it then goes on without a worker, and its key stays taken. */
  async #ended(key: string, pass: Promise<void>): Promise<void> {
    const { clock, passTimeoutMs, log, name } = this.#options
    const cancel = new AbortController()
    const overdue = clock.sleep(passTimeoutMs + cacheWaitMs + overdueMs, { signal: cancel.signal }).then(
      () => log.error({ controller: name, object: key }, 'pass ignores its deadline'),
      () => undefined, // it ended
    )
    await Promise.race([pass, overdue])
    cancel.abort()
  }

  async #process(key: string, signal: AbortSignal): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs()
    this.#metrics.activeWorkers(1)
    try {
      const result = await this.#pass(key, signal)
      if (result !== undefined) this.#metrics.passed(result, (this.#options.clock.monotonicMs() - startedMs) / 1000)
    } catch (error) {
      this.#options.log.error({ err: error, controller: this.#options.name, object: key }, 'defect in the runtime')
      this.#queue.addRateLimited(key)
    } finally {
      this.#metrics.activeWorkers(-1)
      this.#queue.done(key)
    }
  }

  async #pass(key: string, signal: AbortSignal): Promise<PassResult | undefined> {
    const { cache, clock, name, log } = this.#options
    const behind = await this.#catchUp(key, signal)
    const object = cache.get(key)
    if (object === undefined) return this.#forget(key)
    const { uid, generation } = object.metadata
    const memory = this.#remember(key, uid)
    const stall = memory.stall === undefined ? undefined : stallNow(memory.stall, memory.lookAtMs)
    if (stall !== undefined && !isWorthARetry(stall, object, clock.monotonicMs())) {
      this.#wakeStalled(key, stall)
      return undefined
    }
    if (this.#isOwnEcho(memory, object)) return undefined
    memory.isWoken = false
    memory.lookAtMs = undefined
    this.#passes += 1
    const passLog = log.child({ controller: name, object: key, generation, pass: this.#passes })
    const { outcome, written }: Finished = behind ?? (await this.#runPass(key, object, passLog, signal))
    memory.written = written ?? (behind === undefined ? undefined : memory.written)
    return this.#settle(key, object, memory, outcome, passLog)
  }

  async #runPass(key: string, object: T, log: Logger, stop: AbortSignal): Promise<Finished> {
    const interrupt = new AbortController()
    this.#interrupts.set(key, interrupt)
    try {
      return await runPass(object, this.#options, log, { stop, interrupt: interrupt.signal })
    } finally {
      this.#interrupts.delete(key)
    }
  }

  /** Read-your-writes: waits until the cache shows what the last pass wrote. */
  async #catchUp(key: string, signal: AbortSignal): Promise<Finished | undefined> {
    const { cache, waitFor } = this.#options
    const memory = this.#memory.get(key)
    if (waitFor === undefined || memory?.written === undefined || cache.get(key)?.metadata.uid !== memory.uid) return undefined
    try {
      const shown = await waitFor(key, memory.written, { signal, timeoutMs: cacheWaitMs })
      if (shown === false) throw new Error(`the cache does not show our last write after ${cacheWaitMs} ms`)
      return undefined
    } catch (error) {
      return { outcome: signal.aborted ? { kind: 'aborted' } : { kind: 'error', error } }
    }
  }

  /**
   * Whether this wake-up is but the event of the status that a failed pass wrote, which must not get around the backoff. True once per write: a
   * second wake-up has another cause, and so has one that came together with it.
   */
  #isOwnEcho(memory: Memory, object: T): boolean {
    const { quietUntilMs, isWoken, lookAtMs } = memory
    memory.quietUntilMs = undefined
    if (isWoken === true || lookAtMs !== undefined) return false
    if (quietUntilMs === undefined || memory.written !== object.metadata.resourceVersion) return false
    return this.#options.clock.monotonicMs() < quietUntilMs
  }

  #remember(key: string, uid: string): Memory {
    const known = this.#memory.get(key)
    if (known?.uid === uid) return known
    if (known !== undefined) this.#forget(key)
    const fresh: Memory = { uid }
    this.#memory.set(key, fresh)
    return fresh
  }

  #forget(key: string): PassResult {
    this.#memory.delete(key)
    this.#queue.forget(key)
    this.#countSchemaTooOld(key, false)
    return 'success'
  }

  /** When the key runs again, and what is logged and counted: one switch over all that can happen. */
  // oxlint-disable-next-line max-lines-per-function -- a table, read from top to bottom
  #settle(key: string, object: T, memory: Memory, outcome: Outcome, log: Logger): PassResult | undefined {
    const { random, requeueJitter = 0.1 } = this.#options
    if (outcome.kind === 'aborted' || outcome.kind === 'interrupted') {
      // Who interrupts has added the key again.
      log.debug({ outcome: outcome.kind }, 'pass ended from outside')
      return undefined
    }
    memory.stall = undefined
    this.#countSchemaTooOld(key, outcome.kind === 'schemaTooOld')
    switch (outcome.kind) {
      case 'awaitChange':
        this.#queue.forget(key)
        memory.logged = undefined
        return 'success'
      case 'requeueAfter':
        this.#queue.forget(key)
        memory.logged = undefined
        this.#queue.addAfter(key, outcome.ms * (1 + requeueJitter * random.next()))
        return 'requeue_after'
      case 'checkpoint':
        // Failures are not forgotten: an intent that fails each time it is acted on must not run hot.
        this.#queue.add(key)
        return 'checkpoint'
      case 'conflict':
        log.debug({ err: outcome.error }, 'object changed meanwhile')
        this.#queue.addRateLimited(key)
        return 'conflict'
      case 'terminal':
        this.#logOnce(memory, log, 'warn', outcome.error, 'object is stalled')
        this.#stall(key, object, memory, outcome.error.needsEdit)
        return 'terminal'
      case 'schemaTooOld':
        if (!this.#loggedPaths.has(outcome.path)) log.error({ err: outcome.error, path: outcome.path }, 'the CRD in the cluster is too old: upgrade the CRDs')
        this.#loggedPaths.add(outcome.path)
        this.#stall(key, object, memory, false)
        return 'terminal'
      case 'error':
        break
    }
    this.#logOnce(memory, log, 'error', outcome.error, 'pass failed')
    const backoffMs = this.#queue.addRateLimited(key)
    if (memory.written !== undefined) memory.quietUntilMs = this.#options.clock.monotonicMs() + backoffMs
    return 'error'
  }

  #stall(key: string, object: T, memory: Memory, needsEdit: boolean): void {
    const { clock, random } = this.#options
    this.#queue.forget(key)
    // What it depends on changed while it looked: it has not seen that yet.
    if (memory.isWoken === true) return
    const stall = stallOf(object, needsEdit ? undefined : Math.ceil(clock.monotonicMs() + stalledRetryMs * (0.9 + 0.2 * random.next())))
    memory.stall = stall
    this.#wakeStalled(key, stallNow(stall, memory.lookAtMs))
  }

  #wakeStalled(key: string, stall: Stall): void {
    if (stall.retryAtMs !== undefined) this.#queue.addAfter(key, Math.ceil(stall.retryAtMs - this.#options.clock.monotonicMs()))
  }

  #logOnce(memory: Memory, log: Logger, level: 'warn' | 'error', error: unknown, message: string): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    log[memory.logged === text ? 'debug' : level]({ err: error }, message)
    memory.logged = text
  }

  #countSchemaTooOld(key: string, is: boolean): void {
    if (is) this.#schemaTooOld.add(key)
    else this.#schemaTooOld.delete(key)
    this.#metrics.schemaTooOld(this.#schemaTooOld.size)
  }
}

/** Why it does not run, until it is to be looked at in any case. */
function stallNow(stall: Stall, lookAtMs: number | undefined): Stall {
  if (stall.retryAtMs === undefined || lookAtMs === undefined) return stall
  return { ...stall, retryAtMs: Math.min(stall.retryAtMs, Math.ceil(lookAtMs)) }
}
