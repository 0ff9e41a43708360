import { KubeError } from '../kube/kube-error.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { defaultDrainRules, type DrainRules } from '../scaling/drain/rules.ts'
import type { DrainResult, DrainState } from './request.ts'
import { DrainService } from './service.ts'
import { TestCluster } from './test-cluster.ts'

/** Of calls that nobody ends. */
export const context = { signal: new AbortController().signal }
/** Whom the nodes leave for. */
export const mark = { kind: 'leaving', uid: 'order-1' } as const

/** The drain of one node; `pass` goes on with what the pass before said of it, as a caller's status would. */
export function setUp(evictionsPerSecond = 1000) {
  const clock = new FakeClock()
  const cluster = new TestCluster()
  const metrics = createMetrics()
  const start = (): DrainService =>
    new DrainService({
      target: 'demo',
      api: cluster.api,
      cache: cluster.cache,
      budget: { maxConcurrentDrains: 5, evictionsPerSecond },
      clock,
      random: seededRandom(1),
      metrics,
    })
  let service = start()
  let state: DrainState | undefined
  let before: DrainState | undefined
  const pass = async (rules: Partial<DrainRules> = {}, deadline?: Date): Promise<DrainResult> => {
    const result = await service.drainNode({ node: cluster.ref, mark, rules: { ...defaultDrainRules, ...rules }, deadline, state }, context)
    before = state
    state = JSON.parse(JSON.stringify(result.state)) as DrainState
    return result
  }
  const restart = (): void => {
    service = start()
  }
  /** The caller's status of the last pass was never stored. */
  const undo = (): void => {
    state = before
  }
  const release = async () => await service.release(cluster.ref, mark, context)
  /** The caller's status is lost. */
  const forget = (): void => {
    state = undefined
  }
  return { clock, cluster, metrics, pass, restart, forget, undo, release }
}

/** A fault of the test cluster: every eviction is refused by a budget. */
export function budgetSaysNo(call: string, when: 'before' | 'after'): void {
  const causes = [{ reason: 'DisruptionBudget', message: 'The disruption budget web needs 1 healthy pods and has 1 currently' }]
  if (call === 'evict' && when === 'before') throw new KubeError(429, 'TooManyRequests', 'Cannot evict pod', { details: { causes } })
}
