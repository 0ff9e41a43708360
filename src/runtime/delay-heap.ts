interface Entry {
  readonly key: string
  readonly dueMs: number
  readonly order: number
}

/**
 * Keys that wait for a moment, soonest first.
 *
 * Guarantees: one moment per key, the earliest that was asked for; keys that are due at the same moment come out in the order they were put in.
 * `put` and `takeDue` cost O(log n).
 */
export class DelayHeap {
  readonly #due = new Map<string, Entry>()
  /** A binary heap; an entry that an earlier one replaced stays in it until it comes up, and is then skipped. */
  #heap: Entry[] = []
  #order = 0

  /** How many keys wait. */
  get size(): number {
    return this.#due.size
  }

  /** The moment of the soonest key. */
  get nextMs(): number | undefined {
    this.#dropReplaced()
    return this.#heap[0]?.dueMs
  }

  /** `key` waits until `dueMs`, unless it waits for something earlier already. */
  put(key: string, dueMs: number): void {
    const known = this.#due.get(key)
    if (known !== undefined && known.dueMs <= dueMs) return
    const entry = { key, dueMs, order: this.#order++ }
    this.#due.set(key, entry)
    this.#heap.push(entry)
    this.#up(this.#heap.length - 1)
  }

  /** Takes out every key whose moment has come. */
  takeDue(nowMs: number): readonly string[] {
    const keys: string[] = []
    for (;;) {
      this.#dropReplaced()
      const first = this.#heap[0]
      if (first === undefined || first.dueMs > nowMs) return keys
      this.#pop()
      this.#due.delete(first.key)
      keys.push(first.key)
    }
  }

  clear(): void {
    this.#due.clear()
    this.#heap = []
  }

  #dropReplaced(): void {
    for (let first = this.#heap[0]; first !== undefined && this.#due.get(first.key) !== first; first = this.#heap[0]) this.#pop()
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#down(0)
  }

  #up(start: number): void {
    for (let child = start; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#swapIfSooner(child, parent)) return
      child = parent
    }
  }

  #down(start: number): void {
    for (let parent = start; ; ) {
      const left = parent * 2 + 1
      const right = left + 1
      const child = this.#sooner(right, left) ? right : left
      if (!this.#swapIfSooner(child, parent)) return
      parent = child
    }
  }

  #sooner(a: number, b: number): boolean {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return false
    return first.dueMs < second.dueMs || (first.dueMs === second.dueMs && first.order < second.order)
  }

  #swapIfSooner(child: number, parent: number): boolean {
    const [lower, upper] = [this.#heap[child], this.#heap[parent]]
    if (lower === undefined || upper === undefined || !this.#sooner(child, parent)) return false
    this.#heap[child] = upper
    this.#heap[parent] = lower
    return true
  }
}
