/** One call that was answered. */
export interface CallRecord {
  readonly sequence: number
  /** Simulated time. */
  readonly time: string
  readonly account: string
  readonly region: string
  readonly service: string
  readonly action: string
  readonly access: 'read' | 'write'
  readonly status: number
  readonly error?: string
  /** The fault that struck. */
  readonly fault?: string
  readonly requestId: string
  readonly input: unknown
}

export interface CallFilter {
  readonly account?: string
  readonly service?: string
  readonly action?: string
  readonly access?: 'read' | 'write'
  /** Only calls after this sequence number. */
  readonly after?: number
}

/** How many records are kept; counts go on. */
const kept = 20_000

/** Alike calls; without a count it is one. */
type Counted = Pick<CallRecord, 'account' | 'service' | 'action' | 'access'> & { count?: number }

/** What was called: the newest records, and counts of everything. */
export class CallLog {
  #records: CallRecord[] = []
  readonly #counted = new Map<string, Counted>()
  #sequence = 0

  add(record: Omit<CallRecord, 'sequence'>): void {
    this.#sequence += 1
    this.#records.push({ sequence: this.#sequence, ...record })
    const { account, service, action, access } = record
    const key = `${account} ${service} ${action} ${access}`
    const known = this.#counted.get(key)
    if (known === undefined) this.#counted.set(key, { account, service, action, access, count: 1 })
    else known.count = (known.count ?? 0) + 1
    if (this.#records.length > kept * 1.1) this.#records = this.#records.slice(-kept)
  }

  list(filter: CallFilter = {}): readonly CallRecord[] {
    return this.#records.filter((record) => passes(record, filter) && record.sequence > (filter.after ?? 0))
  }

  /** Calls per `service:Action`, and in all by reads and writes. Of all calls, also those whose records are gone; with `after` of those that are kept. */
  counts(filter: CallFilter = {}): { readonly read: number; readonly write: number; readonly actions: Readonly<Record<string, number>> } {
    const actions: Record<string, number> = {}
    const total = { read: 0, write: 0 }
    const counted: readonly Counted[] = filter.after === undefined ? [...this.#counted.values()] : this.list(filter)
    for (const one of counted.filter((each) => passes(each, filter))) {
      const { service, action, access, count = 1 } = one
      total[access] += count
      actions[`${service}:${action}`] = (actions[`${service}:${action}`] ?? 0) + count
    }
    return { ...total, actions }
  }

  clear(account?: string): void {
    this.#records = account === undefined ? [] : this.#records.filter((record) => record.account !== account)
    for (const [key, one] of this.#counted) if (account === undefined || one.account === account) this.#counted.delete(key)
  }
}

function passes(call: Counted, filter: CallFilter): boolean {
  return (
    (filter.account ?? call.account) === call.account &&
    (filter.service ?? call.service) === call.service &&
    (filter.action ?? call.action) === call.action &&
    (filter.access ?? call.access) === call.access
  )
}
