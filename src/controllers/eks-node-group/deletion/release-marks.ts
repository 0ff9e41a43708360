import type { Mark } from '../../../drain/mark.ts'
import type { NodeRef } from '../../../drain/request.ts'
import type { Pass } from '../pass.ts'
import { serverRefusal } from '../removals/server-refusal.ts'

/** A mark of ours that may stand on a Node. */
export interface Marked {
  readonly node: NodeRef
  readonly mark: Mark
}

/**
 * Takes them off, side by side. Gives those that the API server refuses to change, with its answer: they hold no other back. Rejects, after all were tried,
 * with any other error.
 */
export async function releaseMarks<T extends Marked>(
  all: readonly T[],
  { target, context }: Pick<Pass, 'target' | 'context'>,
): Promise<readonly { readonly one: T; readonly error: unknown }[]> {
  const outcomes = await Promise.allSettled(all.map(async ({ node, mark }) => await target.drain.release(node, mark, context)))
  return all.flatMap((one, index) => {
    const outcome = outcomes[index]
    if (outcome?.status !== 'rejected') return []
    const error: unknown = outcome.reason
    if (serverRefusal(error) === undefined) throw error
    return [{ one, error }]
  })
}
