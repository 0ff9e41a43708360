import type { NodeGroup } from '../../../aws/eks/port.ts'
import { stableHash } from '../../../lib/hash.ts'
import { TerminalError, type Result } from '../../../runtime/reconciler.ts'
import { endedDeletions } from '../former.ts'
import type { Pass } from '../pass.ts'
import { refuse } from '../refusal.ts'
import { retryTokenOf } from '../retry-token.ts'
import { planConfig } from './config-plan.ts'
import type { Asker, Refusal, SettingsCall } from './refused-settings.ts'
import { type TagsPlan, planTags } from './tags-plan.ts'

/** The parts of a pass that say who asks. */
export type Asking = Pick<Pass, 'draft' | 'spec' | 'target' | 'surroundings' | 'refused'>

/** A call, and the fields of the spec that it would bring to EKS. */
export interface PlannedCall extends SettingsCall {
  readonly fields: readonly string[]
}

/** One that AWS refused, and why. */
export type RefusedCall = PlannedCall & Refusal

/** What is between the group and the settings of the spec. */
export function plannedCalls({ draft, spec }: Pick<Pass, 'draft' | 'spec'>, group: NodeGroup): readonly PlannedCall[] {
  const applied = draft.status.applied ?? {}
  const change = planConfig(spec, group, applied, endedDeletions(draft))
  const tags = planTags(spec.tags, group, applied)
  return [
    ...(change === undefined ? [] : [{ kind: 'UpdateConfig', paramsHash: stableHash(change), fields: Object.keys(change) } as const]),
    ...(tags === undefined ? [] : [{ ...tagsCall(tags, group), fields: ['tags'] }]),
  ]
}

/** Of this very group: one that is made anew under the name has no tags yet. */
export function tagsCall(plan: TagsPlan, { arn }: Pick<NodeGroup, 'arn'>): SettingsCall {
  return { kind: 'Tag', paramsHash: stableHash({ plan, arn }) }
}

/** Whether this call waits for its next try. Its intent goes: the outcome was seen, also where the status that said so was not stored. */
export function waitsAsRefused(pass: Asking, call: SettingsCall): boolean {
  if (!isPointless(pass, call)) return false
  if (pass.draft.status.operation?.kind === call.kind) delete pass.draft.status.operation
  return true
}

/** Whether AWS refused exactly this, and nothing makes another answer likely yet. */
export function isPointless(pass: Asking, call: SettingsCall): boolean {
  return pass.refused.isPointless(askerOf(pass), call)
}

/** Those that AWS refused when they were made last, with what it said. */
export function refusedAmong({ draft, refused }: Pick<Asking, 'draft' | 'refused'>, calls: readonly PlannedCall[]): readonly RefusedCall[] {
  return calls.flatMap((call) => {
    const refusal = refused.answerTo(draft.object.metadata, call)
    return refusal === undefined ? [] : [{ ...call, ...refusal }]
  })
}

/**
 * What follows from a call that AWS refused, as with any write; but what it refused for good is remembered and ends no pass: `undefined`, since nodes come
 * and go all the same.
 */
export function refuseSettings(pass: Pick<Pass, 'context'> & Asking, call: SettingsCall, error: unknown): Result | undefined {
  try {
    return refuse(pass.draft, error)
  } catch (refusal) {
    if (!(refusal instanceof TerminalError)) throw refusal
    const asker = askerOf(pass)
    const { reason, message } = refusal
    const isNews = pass.refused.answerTo(asker, call)?.message !== message
    pass.context.log[isNews ? 'warn' : 'debug']({ err: refusal }, 'AWS refuses settings')
    pass.refused.remember(asker, call, { reason, message })
    return undefined
  }
}

function askerOf({ draft: { object }, target, surroundings }: Asking): Asker {
  const { uid, generation } = object.metadata
  return { uid, generation, retryToken: retryTokenOf(object.metadata), through: target.aws.nodeGroups, now: surroundings.now() }
}
