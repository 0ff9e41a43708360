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

/** What was called: the newest records, and counts of everything. */
export class CallLog {
  #records: CallRecord[] = []
  #sequence = 0

  add(record: Omit<CallRecord, 'sequence'>): void {
    this.#sequence += 1
    this.#records.push({ sequence: this.#sequence, ...record })
    if (this.#records.length > kept * 1.1) this.#records = this.#records.slice(-kept)
  }

  list(filter: CallFilter = {}): readonly CallRecord[] {
    return this.#records.filter(
      (record) =>
        (filter.account ?? record.account) === record.account &&
        (filter.service ?? record.service) === record.service &&
        (filter.action ?? record.action) === record.action &&
        (filter.access ?? record.access) === record.access &&
        record.sequence > (filter.after ?? 0),
    )
  }

  /** Calls per `service:Action`, and in all by reads and writes. */
  counts(filter: CallFilter = {}): { readonly read: number; readonly write: number; readonly actions: Readonly<Record<string, number>> } {
    const actions: Record<string, number> = {}
    const total = { read: 0, write: 0 }
    for (const { service, action, access } of this.list(filter)) {
      total[access] += 1
      actions[`${service}:${action}`] = (actions[`${service}:${action}`] ?? 0) + 1
    }
    return { ...total, actions }
  }

  clear(account?: string): void {
    this.#records = account === undefined ? [] : this.#records.filter((record) => record.account !== account)
  }
}
