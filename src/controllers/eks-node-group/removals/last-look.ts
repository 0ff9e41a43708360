import type { Look } from '../../../drain/last-look.ts'
import type { Pass } from '../pass.ts'
import { counted } from '../../../lib/counted.ts'
import { blockerInWords } from '../../../scaling/drain/blocker.ts'
import { drainDeadline } from './deadline.ts'
import type { Hindrance } from './judge-end.ts'
import { markOfRemoval, nodeOf } from './mark.ts'
import type { Removal } from './removal.ts'
import { hasUnseenNode, strangerInWords } from './unseen-node.ts'

/**
 * The last look at the node itself, right before AWS is asked to end it (P1): somebody's pod may have come since the drain ended. `undefined` when it is
 * empty. Asks the API server. Errors: `KubeError`.
 */
export async function lastLook(pass: Pass, one: Removal): Promise<Hindrance | undefined> {
  const { draft, target, context, lateNodesStayEmpty } = pass
  const node = nodeOf(one)
  if (node === undefined) {
    if (target.nodes.byInstance(one.instanceId) !== undefined) return { kind: 'Anew', message: 'its Node has joined meanwhile and is drained first' }
    const stranger = strangerInWords(pass)
    // It may stand for days, so it is waited for at the pace of rest, and before AWS is to be asked: `withoutNode`.
    if (stranger !== undefined) return { kind: 'Anew', message: stranger }
    // Late nodes that stay empty are ended all the same.
    if (lateNodesStayEmpty || !(await hasUnseenNode(pass))) return undefined
    return { kind: 'Wait', message: 'waits until it shows whether its Node has joined' }
  }
  const look = await target.drain.lastLook({ node, mark: markOfRemoval(draft.object, one), state: one.drain, ignoreVolumes: isForced(pass, one) }, context)
  if (look.kind === 'empty') return undefined
  return look.kind === 'gone' ? await returned(pass, one, node.name) : { kind: 'Anew', message: whatCame(look) }
}

function whatCame(look: Exclude<Look, { readonly kind: 'empty' | 'gone' }>): string {
  switch (look.kind) {
    case 'pods':
      return 'pods came back to it: drained again'
    case 'notIsolated':
      return 'somebody took our mark off it: drained again'
    case 'volumes':
      return 'a volume is attached to it: drained again'
    case 'changed':
      return blockerInWords(look.blocker)
    default:
      return look satisfies never
  }
}

/** As the drain that said `empty`: past its deadline `Force` waits for no volume. */
function isForced({ spec, surroundings }: Pass, one: Removal): boolean {
  const deadline = drainDeadline({ spec }, one)
  return spec.scaleDown.onTimeout === 'Force' && deadline !== undefined && deadline.getTime() <= surroundings.now().getTime()
}

/**
 * Somebody deleted the Node of a machine that runs: its kubelet registers it anew, as another Node without our mark, and what was bound to the name goes
 * on running there. Asks the API server, since the watch may be behind. `undefined` when there is no such Node and no such pod.
 */
async function returned({ target, name, context }: Pass, one: Removal, nodeName: string): Promise<Hindrance | undefined> {
  const joined = target.nodes.byInstance(one.instanceId)
  if (joined !== undefined && joined.metadata.uid !== one.nodeUID) return { kind: 'Anew', message: 'its Node is another one by now' }
  const names = await target.nodes.namesInGroup(name, context)
  if (names.some((found) => found === nodeName || target.nodes.byName(found) === undefined))
    return { kind: 'Wait', message: 'waits until it shows whether its Node has been registered anew' }
  const pods = await target.nodes.podsInTheWay(nodeName, context)
  if (pods.length === 0) return undefined
  return { kind: 'Wait', message: `its Node was deleted with ${counted(pods.length, 'pod')} still bound to it: waits for a new Node or their end` }
}
