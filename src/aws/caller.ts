import type { Clock } from '../lib/clock.ts'
import type { AfterWrite, BeforeWrite } from '../lib/outside-write.ts'
import type { Metrics } from '../observability/metrics.ts'
import { type AwsAction, type AwsApi, type AwsCall, serviceOf } from './api.ts'
import { AwsError } from './aws-error.ts'
import type { AccountBudgets } from './budgets.ts'
import type { AwsClients } from './clients.ts'
import { translateAwsError } from './errors.ts'
import { type Permission, permissions } from './permissions.ts'
import { raceSignal } from './race-signal.ts'

export interface CallerOptions {
  readonly clients: AwsClients
  readonly budgets: AccountBudgets
  readonly beforeWrite: BeforeWrite
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * The single path of every call to AWS: place in the budget (what is sent once waits for none, `Permission.sendOnce`), then for a write the `beforeWrite`
 * hook (last, so that leadership is checked right before the call), then the SDK, then the translation of its error.
 *
 * Guarantees: an abort ends the call at once with the signal's reason, also while the SDK waits between its tries; the write may have happened.
 * The sum of `tidegate_aws_requests_total` and `tidegate_aws_retries_total` is the number of requests on the wire that were answered or given up.
 */
export function createCaller({ clients, budgets, beforeWrite, clock, metrics }: CallerOptions): AwsCall {
  const measure = createMeasure(metrics, clock)
  const send = async <A extends AwsAction>(action: A, input: AwsApi[A]['input'], signal: AbortSignal): Promise<AwsApi[A]['output']> => {
    const measured = measure(action)
    try {
      const output = (await raceSignal(clients.send(action, input, signal, { once: isSentOnce(action, input) }), signal)) as AwsApi[A]['output']
      budgets.charge(serviceOf(action), measured('Success', output))
      return output
    } catch (raw) {
      const error = signal.aborted ? signal.reason : translateAwsError(raw, action)
      budgets.charge(serviceOf(action), measured(error instanceof AwsError ? error.kind : 'Aborted', raw))
      throw error
    }
  }
  return async (action, input, { signal, target }) => {
    // What is sent once is as good as the reads right before it, which had their turn: it waits for none, and is booked.
    if (isSentOnce(action, input)) budgets.charge(serviceOf(action), 1)
    else await budgets.take(serviceOf(action), signal)
    if (permissions[action].access === 'Read') return await send(action, input, signal)
    const afterWrite = await beforeWrite({ system: 'aws', action, target }, { signal })
    signal.throwIfAborted()
    return await withAfterWrite(async () => await send(action, input, signal), afterWrite, signal)
  }
}

function isSentOnce(action: AwsAction, input: unknown): boolean {
  const { sendOnce }: Permission = permissions[action]
  return typeof sendOnce === 'function' ? sendOnce(input) : sendOnce === true
}

async function withAfterWrite<T>(write: () => Promise<T>, afterWrite: AfterWrite | undefined, signal: AbortSignal): Promise<T> {
  let output: T
  try {
    output = await write()
  } catch (error) {
    if (afterWrite) await raceSignal(afterWrite({ ok: false, error }), signal)
    throw error
  }
  if (afterWrite) await raceSignal(afterWrite({ ok: true }), signal)
  return output
}

/** Counts and times one call; what it returns is told the outcome and answers how many requests the SDK sent beyond the first. */
function createMeasure(metrics: Metrics, clock: Clock): (action: AwsAction) => (outcome: string, result: unknown) => number {
  const requests = metrics.counter('tidegate_aws_requests_total', 'Calls to AWS by their outcome: Success, Aborted, or the kind of the error.', [
    'service',
    'action',
    'outcome',
  ])
  const retries = metrics.counter('tidegate_aws_retries_total', 'Requests that the AWS SDK sent again on its own.', ['service', 'action'])
  const durations = metrics.histogram('tidegate_aws_request_duration_seconds', 'Time of a call to AWS, its retries included.', ['service', 'action'])
  return (action) => {
    const since = clock.monotonicMs()
    const labels = { service: serviceOf(action), action: action.slice(action.indexOf(':') + 1) }
    return (outcome, result) => {
      const again = Math.max(0, attemptsOf(result) - 1)
      requests.inc({ ...labels, outcome })
      if (again > 0) retries.inc(labels, again)
      durations.observe(labels, (clock.monotonicMs() - since) / 1000)
      return again
    }
  }
}

/** Outputs and errors of the SDK carry the number of tries in `$metadata`. */
function attemptsOf(result: unknown): number {
  const metadata = typeof result === 'object' && result !== null ? (result as { readonly $metadata?: { readonly attempts?: number } }).$metadata : undefined
  return metadata?.attempts ?? 1
}
