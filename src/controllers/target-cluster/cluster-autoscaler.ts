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

/**
 * Whether a Cluster Autoscaler in one target moves a group's number (aws-rules B3).
 *
 * Guarantees: its status is read at most every two minutes, and never fails a pass: what cannot be read says nothing, and is logged once.
 */
export class ClusterAutoscaler {
  readonly #options: Options
  #answer: { readonly at: number; readonly status: Promise<AutoscalerStatus | undefined> } | undefined
  #told = false

  constructor(options: Options) {
    this.#options = options
  }

  /** `scalingGroup`: name of an Auto Scaling group. */
  async moves(scalingGroup: string): Promise<boolean> {
    const { clock } = this.#options
    const at = clock.monotonicMs()
    if (this.#answer === undefined || at - this.#answer.at >= answerAgeMs) this.#answer = { at, status: this.#read() }
    const status = await this.#answer.status
    return status !== undefined && autoscaledGroups(status, clock.now()).includes(scalingGroup)
  }

  async #read(): Promise<AutoscalerStatus | undefined> {
    const { client, signal, log } = this.#options
    try {
      const status = await client.get<AutoscalerStatus>(resources.configMaps, autoscalerStatusKey, { signal })
      this.#told = false
      return status
    } catch (err) {
      if (!isKubeError(err, 'NotFound') && !this.#told && !signal.aborted) {
        this.#told = true
        log.warn({ err }, 'cannot tell whether a Cluster Autoscaler moves the groups of this target')
      }
      return undefined
    }
  }
}
