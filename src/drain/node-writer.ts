import { isKubeError } from '../kube/kube-error.ts'
import type { Node } from '../kube/objects.ts'
import type { Mark } from './mark.ts'
import type { NodeChange } from './node-patches.ts'
import type { DrainApi, DrainContext } from './ports.ts'
import type { NodeRef } from './request.ts'

export type Written =
  | { readonly kind: 'done'; readonly node: Node; readonly changed: boolean }
  | { readonly kind: 'held'; readonly by: Mark }
  /** No Node of that name, or another one. */
  | { readonly kind: 'gone' }

const attempts = 5

/**
 * Changes a Node by patches that are refused when what they were judged from has changed; then it is read and judged again. `cached` spares the first
 * reading; a cached Node is believed only as far as the patch tests it.
 *
 * Errors: the last 422 when the Node changes faster than we can read it, or when the patch is wrong.
 */
export async function changeNode(api: DrainApi, ref: NodeRef, judge: (node: Node) => NodeChange, context: DrainContext, cached?: Node): Promise<Written> {
  let known = cached?.metadata.uid === ref.uid ? cached : undefined
  for (let attempt = 1; ; attempt += 1) {
    const node = known ?? (await api.node(ref.name, context))
    if (node === undefined || node.metadata.uid !== ref.uid) return { kind: 'gone' }
    const change = judge(node)
    if (change.kind === 'patch') {
      try {
        return { kind: 'done', node: await api.patchNode(ref.name, change.operations, context), changed: true }
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return { kind: 'gone' }
        if (!isKubeError(error, 'Invalid', 'Conflict') || attempt >= attempts) throw error
      }
    } else if (known === undefined) {
      return change.kind === 'held' ? change : { kind: 'done', node, changed: false }
    }
    known = undefined
  }
}
