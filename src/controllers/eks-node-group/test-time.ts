/** Time that stands still until it is told to move, and then does what is due on the way. Nothing in it waits, unlike on a `FakeClock`. For tests. */
export class TestTime {
  nowMs = Date.parse('2026-11-21T06:00:00Z')
  #due: { readonly atMs: number; readonly act: () => void }[] = []

  get now(): Date {
    return new Date(this.nowMs)
  }

  after(ms: number, act: () => void): void {
    this.#due.push({ atMs: this.nowMs + ms, act })
  }

  advance(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.atMs - b.atMs).find(({ atMs }) => atMs <= untilMs)
      if (next === undefined) break
      this.#due = this.#due.filter((one) => one !== next)
      this.nowMs = Math.max(this.nowMs, next.atMs)
      next.act()
    }
    this.nowMs = untilMs
  }
}
