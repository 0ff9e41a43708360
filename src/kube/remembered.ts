import type { Clock } from '../lib/clock.ts'

/** Remembers an answer for a time, asks once for callers that come together, and forgets on demand or after a failure. */
export class Remembered<T> {
  readonly #ask: () => Promise<T>
  readonly #clock: Clock
  readonly #forMs: number
  #answer: Promise<T> | undefined
  #until = 0

  constructor(ask: () => Promise<T>, { clock, forMs }: { readonly clock: Clock; readonly forMs: number }) {
    this.#ask = ask
    this.#clock = clock
    this.#forMs = forMs
  }

  get(): Promise<T> {
    if (this.#answer === undefined || this.#clock.monotonicMs() >= this.#until) {
      this.#until = this.#clock.monotonicMs() + this.#forMs
      const answer = this.#ask()
      this.#answer = answer
      answer.catch(() => {
        if (this.#answer === answer) this.forget()
      })
    }
    return this.#answer
  }

  forget(): void {
    this.#answer = undefined
  }
}
