import { Child, type ChildOptions } from './child.ts'
import { LocalError } from './local-error.ts'
import { type PartName, programs } from './part-flags.ts'

/** Clients before servers, so that a kept etcd is the last to hear anything. */
const stopStages: readonly (readonly PartName[])[] = [['kwok', 'scheduler', 'controller-manager'], ['apiserver'], ['etcd']]

const longestQuote = 400

/** klog's errors and fatal ones, cobra's, and Go's own last words. */
const worst = /^[EF]\d{4} |^Error|^panic:|"level":"(?:error|fatal|panic)"/

/**
 * The processes of one plane. A part that ends by itself is a failure of the whole, told once; one that was ended on purpose is not.
 */
export class Supervisor {
  readonly #children = new Map<PartName, Child>()
  /** Children whose end is no surprise. */
  readonly #released = new Set<Child>()
  readonly #onFailure: (failure: LocalError) => void
  #failure: LocalError | undefined
  #closed = false

  constructor(onFailure: (failure: LocalError) => void) {
    this.#onFailure = onFailure
  }

  /** Why the plane cannot go on: `PartEnded`, or `PortTaken` where that was the reason. */
  get failure(): LocalError | undefined {
    return this.#failure
  }

  /** The process id of every part that runs. */
  get pids(): Readonly<Partial<Record<PartName, number>>> {
    return Object.fromEntries([...this.#children].filter(([, child]) => child.running).map(([name, child]) => [name, child.pid]))
  }

  isRunning(part: PartName): boolean {
    return this.#children.get(part)?.running === true
  }

  async spawn(part: PartName, options: Omit<ChildOptions, 'name'>): Promise<void> {
    const child = await Child.start({ ...options, name: part })
    this.#children.set(part, child)
    void this.#watch(part, child)
    // An end that was asked for while this one started did not see it.
    if (this.#closed) await this.#end(part, 'SIGKILL')
  }

  /** Ends one part on purpose. */
  async kill(part: PartName): Promise<void> {
    await this.#end(part, 'SIGKILL')
  }

  /** SIGSTOP, SIGCONT, to one part. */
  signal(part: PartName, signal: NodeJS.Signals): void {
    this.#children.get(part)?.signal(signal)
  }

  /** Ends all parts in their order and forgets the failure, so that they can be started again. */
  async restart(): Promise<void> {
    await this.#endAll('SIGKILL')
    this.#children.clear()
    this.#failure = undefined
  }

  /** Ends all parts in their order; nothing starts any more. */
  async close(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#closed = true
    await this.#endAll(signal)
  }

  /** The last thing a part wrote. */
  async lastLine(part: PartName): Promise<string> {
    const line = (await this.#children.get(part)?.lastLines(1))?.[0]
    return line?.trim().slice(0, longestQuote) ?? 'nothing'
  }

  async #watch(part: PartName, child: Child): Promise<void> {
    await child.ended
    if (this.#closed || this.#released.has(child)) return
    const lines = await child.lastLines(20).catch(() => [])
    const taken = lines.find((line) => line.includes('address already in use'))
    const said = taken ?? lines.findLast((line) => worst.test(line)) ?? lines.at(-1) ?? 'it wrote nothing'
    if (this.#failure !== undefined) return
    this.#failure = new LocalError(taken === undefined ? 'PartEnded' : 'PortTaken', `${programs[part]} ended by itself: ${said.trim().slice(0, longestQuote)}`)
    this.#onFailure(this.#failure)
  }

  async #endAll(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    for (const stage of stopStages) await Promise.all(stage.map(async (part) => this.#end(part, signal)))
  }

  async #end(part: PartName, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#children.get(part)
    if (child === undefined) return
    this.#released.add(child)
    await child.end(signal)
  }
}
