import { conclude } from './operation.ts'
import type { Pass } from './pass.ts'

/** What the operation under way was to bring shows in the world: it ends, into the history, and is told. `note` says what shows, not what was asked for. */
export function succeed(
  { draft: { status }, context, surroundings }: Pass,
  { reason, note }: { readonly reason: 'Created' | 'Scaled' | 'Corrected' | 'Updated'; readonly note: string },
): void {
  const { operation } = status
  if (operation === undefined) return
  conclude(status, 'Succeeded', surroundings.now())
  context.event({ type: 'Normal', reason, action: operation.kind, note })
}
