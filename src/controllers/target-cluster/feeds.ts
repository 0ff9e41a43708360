import { isKubeError } from '../../kube/kube-error.ts'
import { defaultTuning } from '../../runtime/informer-options.ts'
import type { Feed, NodeCache } from './ports.ts'

/**
 * How old the caches may be to be acted on. A watch that works never gets there, also where nothing happens: the server sends a bookmark every minute, and
 * a watch that is silent for `stallMs` is cut and opened again at once. The minute more is for a server that is slow just then.
 */
const goodForMs = defaultTuning.stallMs + 60_000

/** Those of a target's nodes and pods that nobody tells of, not yet or no longer: what is in the caches may be long gone. */
export function unseen({ feeds }: Pick<NodeCache, 'feeds'>): readonly Feed[] {
  return feeds().filter(({ ageMs }) => ageMs >= goodForMs)
}

/** Whether the API server says no to whoever wants to follow it. */
export function isRefused({ failure }: Feed): boolean {
  return isKubeError(failure) && (failure.status === 401 || failure.status === 403)
}
