import type { Node } from '../kube/objects.ts'
import { fieldManager } from './kube-api.ts'

/**
 * From when the deadline counts where no status says it: the later of now and of when the server says that we last changed this Node. What `managedFields` say
 * can only lengthen a drain, so that nothing wrong in there lets `Force` act before the timeout is over since the isolation: not a server whose clock is behind
 * ours, not a mark that somebody put back under an old entry of ours, and not one who writes there what he likes. Without an entry it is now. A server whose clock
 * is ahead is believed, since pods' times of creation, which tell who came back, are by the same clock.
 */
export function isolatedSince({ metadata }: Node, now: Date): string {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[] }
  const times = managedFields.flatMap(({ manager, time }) => (manager === fieldManager && time !== undefined ? [Date.parse(time)] : []))
  return new Date(Math.max(now.getTime(), ...times.filter((ms) => !Number.isNaN(ms)))).toISOString()
}
