import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import type { Mark } from '../../../drain/mark.ts'
import type { NodeRef } from '../../../drain/request.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { Pass } from '../pass.ts'
import { markOfRemoval, nodeOf } from './mark.ts'
import type { Removal } from './removal.ts'
import { serverRefusal } from './server-refusal.ts'

/** A mark of ours that may stand on a Node. */
export interface Marked {
  readonly node: NodeRef
  readonly mark: Mark
}

/** Those of removals, as far as they have a Node. */
export function marksOfRemovals(object: Frozen<EksNodeGroup>, removals: readonly Removal[]): readonly (Marked & { readonly removal: Removal })[] {
  return removals.flatMap((removal) => {
    const node = nodeOf(removal)
    return node === undefined ? [] : [{ node, mark: markOfRemoval(object, removal), removal }]
  })
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
