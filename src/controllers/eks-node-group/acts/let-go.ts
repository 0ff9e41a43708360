import type { Act } from '../pass.ts'
import { forceRefused } from '../removals/force.ts'
import { hasLeft } from '../removals/member.ts'
import type { Removal } from '../removals/removal.ts'
import { sayRemovals } from '../removals/say-removals.ts'
import { refusedAgainMs, serverRefusal } from '../removals/server-refusal.ts'

/**
 * A machine that is gone for good must not hold its pods and volumes: where its Node stays, Kubernetes is told. Only of a node that was handed over
 * empty and that we asked for: an instance that somebody took out of the Auto Scaling group is not there either, and runs on. A Node that the API server
 * refuses to change holds no other back.
 */
export const letGo: Act = async (pass) => {
  const { draft, spec, seen, target, context, once, agenda } = pass
  if (seen.scalingGroup === undefined || spec.scaleDown.drain === 'None') return undefined
  const removals = [...(draft.status.removals ?? [])]
  const refused = new Set<Removal>()
  for (const [index, one] of removals.entries()) {
    const { instanceId, state, call } = one
    if (state !== 'Removing' || call === undefined || once.cannotHaveActed(call.token)) continue
    const member = seen.scalingGroup.instances.find((each) => each.instanceId === instanceId)
    const node = hasLeft(member) ? target.nodes.byInstance(instanceId) : undefined
    if (node?.spec.providerID === undefined) continue
    const { name, uid } = node.metadata
    try {
      await target.drain.outOfService({ name, uid, providerID: node.spec.providerID }, context)
    } catch (error) {
      // As it was stored: this pass has put other words there, and a refusal that holds a time would be a write each time.
      const message = serverRefusal(error, draft.object.status?.removals?.find((each) => each.instanceId === instanceId)?.message)
      if (message === undefined) throw error
      const stuck = { ...one, message }
      removals[index] = stuck
      refused.add(stuck)
      agenda.within(refusedAgainMs)
    }
  }
  if (refused.size === 0) return undefined
  draft.status.removals = removals
  sayRemovals(draft, removals, { blocked: refused, force: await forceRefused(pass, removals) })
  return undefined
}
