import { isKubeError } from '../kube/kube-error.ts'
import type { Clock } from '../lib/clock.ts'
import type { DrainApi, DrainContext } from './ports.ts'

/** All nodes of a target share one answer; who binds the role sees it count a pass or two later. */
const sharedForMs = 10_000

/** Whether one target lets us delete pods. */
export class MayForce {
  readonly #api: Pick<DrainApi, 'mayDeletePods'>
  readonly #clock: Clock
  #last: { readonly atMs: number; readonly answer: boolean | undefined } | undefined

  constructor(api: Pick<DrainApi, 'mayDeletePods'>, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /**
   * Asked at most every 10 s. Who may not even ask may not: every cluster lets everybody ask (`system:basic-user`), unless somebody took that away.
   * While the API server fails, what it said last; `undefined` when it has said nothing yet.
   */
  async ask(context: DrainContext): Promise<boolean | undefined> {
    const last = this.#last
    if (last !== undefined && this.#clock.monotonicMs() - last.atMs <= sharedForMs) return last.answer
    const answer = await this.#api.mayDeletePods(context).catch((error: unknown) => {
      if (!isKubeError(error)) throw error
      return isKubeError(error, 'Forbidden') ? false : last?.answer
    })
    this.#last = { atMs: this.#clock.monotonicMs(), answer }
    return answer
  }
}
