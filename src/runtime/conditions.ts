import type { Condition } from '../kube/objects.ts'

type Status = Condition['status']

interface Entry {
  readonly status: Status
  readonly reason: string
  readonly message: string
}

/** The longest message that `metav1.Condition` takes (apimachinery, pkg/apis/meta/v1/types.go). */
const maxMessage = 32_768

/**
 * The conditions of one object during one pass.
 *
 * Guarantees: every type in `dependents` is present from the first write (Unknown/Pending until a step says more); `lastTransitionTime` moves only
 * when the status flips; `Ready` is computed from the dependents in their order (the first that is not True gives its reason and message; of an object that is
 * held back the hold is told first, True or not, since nothing moves until it ends); `Reconciling`, `Stalled` (kstatus) and `Paused` are present only while
 * true, and only when this pass said so.
 */
export class ConditionSet {
  readonly #dependents: readonly string[]
  readonly #before: ReadonlyMap<string, Condition>
  readonly #entries = new Map<string, Entry>()
  #reconciling: { readonly reason: string; readonly message: string } | undefined
  #stalled: { readonly reason: string; readonly message: string } | undefined
  #paused: { readonly reason: string; readonly message: string } | undefined
  #ready: { readonly reason: string; readonly message: string } = { reason: 'Ready', message: '' }
  #leaving = false
  #unknown: { readonly reason: string; readonly message: string } | undefined

  constructor(dependents: readonly string[], before: readonly Condition[]) {
    this.#dependents = dependents
    this.#before = new Map(before.map((condition) => [condition.type, condition]))
    for (const type of dependents) {
      const known = this.#before.get(type)
      this.#entries.set(type, known ?? { status: 'Unknown', reason: 'Pending', message: 'not looked at yet' })
    }
  }

  /** How a dependent stands now: what this pass said, else what the last one left. */
  get(type: string): Entry {
    const entry = this.#entries.get(type)
    if (entry === undefined) throw new Error(`no condition ${type}: declare it with the kind`)
    return entry
  }

  isTrue(type: string): boolean {
    return this.get(type).status === 'True'
  }

  setTrue(type: string, reason: string, message = ''): void {
    this.#set(type, 'True', reason, message)
  }

  setFalse(type: string, reason: string, message: string): void {
    this.#set(type, 'False', reason, message)
  }

  setUnknown(type: string, reason: string, message: string): void {
    this.#set(type, 'Unknown', reason, message)
  }

  /** Work is under way. */
  reconciling(reason: string, message: string): void {
    this.#reconciling = { reason, message: message.slice(0, maxMessage) }
  }

  /** What this pass has said of work under way until now. */
  get underWay(): { readonly reason: string; readonly message: string } | undefined {
    return this.#reconciling
  }

  /** Progress needs somebody: the reason, and what to do. */
  stalled(reason: string, message: string): void {
    this.#stalled = { reason, message: message.slice(0, maxMessage) }
  }

  /** Outside writes are held back; says who or what holds them. */
  paused(reason: string, message: string): void {
    this.#paused = { reason, message: message.slice(0, maxMessage) }
  }

  /** The reason that `Ready` carries when all dependents are True. */
  readyReason(reason: string, message = ''): void {
    this.#ready = { reason, message: message.slice(0, maxMessage) }
  }

  /** The object is being deleted: it is not Ready any more, whatever its dependents say, and `Ready` repeats what the deletion waits for. */
  leaving(): void {
    this.#leaving = true
  }

  /** What was `Stalled` before stays so unless this pass said otherwise: for a pass that ends before it has judged anything. */
  keepStalled(): void {
    const before = this.#before.get('Stalled')
    if (before?.status === 'True') this.#stalled ??= before
  }

  /** Nothing can be known now (`ClusterUnreachable`): `Ready` is Unknown whatever the dependents say. */
  readyUnknown(reason: string, message: string): void {
    this.#unknown = { reason, message: message.slice(0, maxMessage) }
  }

  /** The whole list, in the order dependents, Ready, Reconciling or Stalled, Paused. */
  compose(now: Date, observedGeneration: number): readonly Condition[] {
    const all: [string, Entry][] = this.#dependents.map((type) => [type, this.get(type)])
    all.push(['Ready', this.#readyEntry()])
    if (this.#stalled === undefined && this.#reconciling !== undefined) all.push(['Reconciling', { status: 'True', ...this.#reconciling }])
    if (this.#stalled !== undefined) all.push(['Stalled', { ...this.#stalled, status: 'True' }])
    if (this.#paused !== undefined) all.push(['Paused', { status: 'True', ...this.#paused }])
    return all.map(([type, { status, reason, message }]) => {
      const before = this.#before.get(type)
      const lastTransitionTime = before?.status === status ? before.lastTransitionTime : rfc3339(now)
      return { type, status, reason, message, observedGeneration, lastTransitionTime }
    })
  }

  #readyEntry(): Entry {
    if (this.#stalled !== undefined) return { ...this.#stalled, status: 'False' }
    if (this.#leaving) return { status: 'False', ...(this.#reconciling ?? { reason: 'Deleting', message: 'the object is being deleted' }) }
    if (this.#unknown !== undefined) return { status: 'Unknown', ...this.#unknown }
    return this.#heldBack(this.#readyOfDependents())
  }

  #readyOfDependents(): Entry {
    for (const type of this.#dependents) {
      const { status, reason, message } = this.get(type)
      if (status !== 'True') return { status, reason, message: message === '' ? type : `${type}: ${message}` }
    }
    return { status: 'True', ...this.#ready }
  }

  /** Whoever looks at `Ready` alone would wait for AWS, or take an object for well that nobody keeps. */
  #heldBack({ status, reason, message }: Entry): Entry {
    if (this.#paused === undefined || reason === this.#paused.reason) return { status, reason, message: message.slice(0, maxMessage) }
    const said = message === '' ? this.#paused.message : `${this.#paused.message}; ${message}`
    return { status, reason: this.#paused.reason, message: said.slice(0, maxMessage) }
  }

  #set(type: string, status: Status, reason: string, message: string): void {
    this.get(type)
    this.#entries.set(type, { status, reason, message: message.slice(0, maxMessage) })
  }
}

/** Seconds, as `metav1.Time` keeps them: a time with milliseconds would come back changed and look like a difference. */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
