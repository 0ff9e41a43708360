import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../observability/logger.ts'
import { type ApiAccess, apiRequest } from './api-request.ts'

interface ApiService {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly group: string; readonly version: string; readonly service?: object | null }
}

const path = '/apis/apiregistration.k8s.io/v1/apiservices'

/** How long one that does not answer may take to come up, in milliseconds. */
const patienceMs = 5_000

/**
 * Removes the APIServices whose server does not answer: each blocks the deletion of every namespace (seen), and whoever served it is gone with the
 * plane's last run. Those that the API server serves itself (`spec.service` absent) are not looked at.
 */
export async function removeDeadApis(
  access: ApiAccess,
  { clock, signal, log }: { readonly clock: Clock; readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  const { body } = await apiRequest(access, path, { signal })
  const { items } = JSON.parse(body) as { readonly items: readonly ApiService[] }
  const elsewhere = items.filter(({ spec }) => spec.service !== undefined && spec.service !== null)
  await Promise.all(
    elsewhere.map(async ({ metadata: { name }, spec }) => {
      const deadline = clock.monotonicMs() + patienceMs
      while (!(await answers(access, `/apis/${spec.group}/${spec.version}`, signal))) {
        if (clock.monotonicMs() > deadline) {
          await apiRequest(access, `${path}/${name}`, { method: 'DELETE', signal })
          log.warn({ apiService: name }, 'removed an aggregated API that nobody serves')
          return
        }
        await clock.sleep(250, { signal })
      }
    }),
  )
}

async function answers(access: ApiAccess, discovery: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await apiRequest(access, discovery, { signal })).status < 500
  } catch {
    signal.throwIfAborted()
    return false
  }
}
