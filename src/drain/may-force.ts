import { isKubeError } from '../kube/kube-error.ts'
import type { Clock } from '../lib/clock.ts'
import type { DrainApi, DrainContext } from './ports.ts'

/** All nodes of a target share one answer; who binds the role sees it count a pass or two later. */
const sharedForMs = 10_000

/** Whether one target lets us delete pods. */
export class MayForce {
  readonly #api: Pick<DrainApi, 'mayDeletePods'>
  readonly #clock: Clock
  #last: { readonly atMs: number; readonly answer: boolean } | undefined

  constructor(api: Pick<DrainApi, 'mayDeletePods'>, clock: Clock) {
    this.#api = api
    this.#clock = clock
  }

  /** At most 10 s old. Who may not even ask may not: every cluster lets everybody ask (`system:basic-user`), unless somebody took that away. */
  async ask(context: DrainContext): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#last !== undefined && nowMs - this.#last.atMs <= sharedForMs) return this.#last.answer
    const answer = await this.#api.mayDeletePods(context).catch((error: unknown) => {
      if (isKubeError(error, 'Forbidden')) return false
      throw error
    })
    this.#last = { atMs: nowMs, answer }
    return answer
  }
}
