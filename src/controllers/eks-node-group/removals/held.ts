import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { takesChanges } from '../group-state.ts'
import type { Pass } from '../pass.ts'
import type { Removal } from './removal.ts'
import { sayRemovals } from './say-removals.ts'

/**
 * Why no node of the group can be ended now, and what to do; `undefined` when nodes can be. While it is so, nobody is isolated and no pod is evicted, also on
 * nodes whose drain has begun: an eviction is for a node that goes, and this one may have to be given back. The mark of a drain that has begun stands, so that
 * no pod comes back to the node while it waits; it comes off when people take the removal back. The deadline of a drain runs on, as under a freeze.
 */
export function whyNoneCanBeEnded({ group, scalingGroup }: Pick<Pass['seen'], 'group' | 'scalingGroup'>): string | undefined {
  if (scalingGroup !== undefined) return lockedInWords(scalingGroup)
  const [name = 'of the node group'] = group?.autoScalingGroups ?? []
  return `waits until the Auto Scaling group ${name} shows: until then nobody can end the node, and no pod is evicted${whereToLook(group)}`
}

function whereToLook(group: Pass['seen']['group']): string {
  if (group?.state === 'DeleteFailed') return '; do what condition Provisioned says'
  return takesChanges(group) ? '; condition Stalled says what to do if it was deleted' : ''
}

/** The same for a group that shows: another service of AWS operates it, and AWS refuses every change of anybody else (aws-rules B1). */
export function lockedInWords({ name, operator }: Pick<ScalingGroup, 'name' | 'operator'>): string | undefined {
  if (operator === undefined) return undefined
  return `waits for ${operator}, which operates the Auto Scaling group ${name}: until then nobody can end the node, and no pod is evicted; release the group there, or take back what makes the node leave`
}

/** Says of each node that AWS was not asked to end that it waits, and why; changes nothing else. */
export function holdRemovals({ draft, once }: Pick<Pass, 'draft' | 'once'>, why: string): void {
  const { removals = [] } = draft.status
  if (removals.length === 0) return
  const isOpen = ({ state, call }: Removal): boolean =>
    state === 'Accepted' || state === 'Draining' || (state === 'Removing' && call !== undefined && once.cannotHaveActed(call.token))
  const held = removals.map((one) => (isOpen(one) ? waiting(one, why) : one))
  draft.status.removals = held
  sayRemovals(draft, held)
}

function waiting(one: Removal, why: string): Removal {
  return { ...one, message: why }
}
