import type { KubeClient } from '../../kube/client.ts'
import { isKubeError } from '../../kube/kube-error.ts'
import { resources } from '../../kube/resource.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../observability/logger.ts'
import { type AutoscalerStatus, autoscaledGroups } from './autoscaled-groups.ts'

interface Options {
  /** Of the target. */
  readonly client: KubeClient
  /** Ends with the connection. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Logger
}

/** Where it writes its status unless its flags `--namespace` and `--status-config-map-name` say otherwise. */
const autoscalerStatusKey = { namespace: 'kube-system', name: 'cluster-autoscaler-status' } as const

/** One answer for all groups of a target. */
const answerAgeMs = 120_000

/** A read that failed is tried again by the next pass after this time. */
const retryMs = 10_000

/** For so long the last answer stands while reads fail: as long as the status of an autoscaler that has stopped. */
const keptMs = 600_000

/**
 * Whether a Cluster Autoscaler in one target moves a group's number (aws-rules B3).
 *
 * Guarantees: its status is read at most every two minutes. Where there is none, or where the rights to read it are missing (logged once), nothing is
 * moved. Any other failed read (logged once) says nothing: the last answer stands, and without one no pass may take it that nobody moves the number.
 */
export class ClusterAutoscaler {
  readonly #options: Options
  #answer: Promise<readonly string[]> | undefined
  #askAt = 0
  #last: { readonly at: number; readonly groups: readonly string[] } | undefined
  #told = false

  constructor(options: Options) {
    this.#options = options
  }

  /** `scalingGroup`: name of an Auto Scaling group. Errors: `KubeError` when it cannot be known. */
  async moves(scalingGroup: string): Promise<boolean> {
    const now = this.#options.clock.monotonicMs()
    if (this.#answer === undefined || now >= this.#askAt) {
      this.#askAt = now + answerAgeMs
      this.#answer = this.#read()
    }
    return (await this.#answer).includes(scalingGroup)
  }

  async #read(): Promise<readonly string[]> {
    const { client, signal, clock } = this.#options
    try {
      const status = await client.get<AutoscalerStatus>(resources.configMaps, autoscalerStatusKey, { signal })
      this.#told = false
      return this.#remember(autoscaledGroups(status, clock.now()))
    } catch (err) {
      if (isKubeError(err, 'NotFound')) return this.#remember([])
      this.#tell(err)
      if (isKubeError(err) && err.status === 403) return this.#remember([])
      const now = clock.monotonicMs()
      this.#askAt = now + retryMs
      if (this.#last === undefined || now - this.#last.at >= keptMs) throw err
      return this.#last.groups
    }
  }

  #remember(groups: readonly string[]): readonly string[] {
    this.#last = { at: this.#options.clock.monotonicMs(), groups }
    return groups
  }

  #tell(err: unknown): void {
    const { signal, log } = this.#options
    if (this.#told || signal.aborted) return
    this.#told = true
    log.warn({ err }, 'cannot tell whether a Cluster Autoscaler moves the groups of this target')
  }
}
