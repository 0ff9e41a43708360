import { isKubeError } from '../../../kube/kube-error.ts'
import { cut } from '../../../lib/cut.ts'

/** Of one node: a webhook or a missing right may refuse it alone. Everything else says something about the whole target. */
const ofOneNode: ReadonlySet<number> = new Set([400, 403, 422])

/** When it is tried again: a webhook or a missing right is mended by people. */
export const refusedAgainMs = 15_000

/**
 * Why the API server refuses what has to be done with one node, for its entry; `undefined` for an error that concerns all. `before` is what stands there:
 * the text of one refusal stays, or one that holds a time would be a write at every attempt.
 */
export function serverRefusal(error: unknown, before = ''): string | undefined {
  if (!isKubeError(error) || !ofOneNode.has(error.status)) return undefined
  const begin = `the API server refuses to let it go on (${error.status} ${error.reason})`
  return before.startsWith(begin) ? before : cut(`${begin}, which is tried again; look at what refuses: ${error.message}`, 1024)
}
