import { TerminalError, type Result, awaitChange, requeueAfter } from '../../runtime/reconciler.ts'
import { asBefore } from './as-before.ts'
import { restMs } from './pace.ts'
import type { GroupDraft } from './pass.ts'
import type { GroupTarget, TargetsPort } from './ports.ts'
import { waysOut } from './ways-out.ts'

type TargetUse = Parameters<TargetsPort['find']>[1]

/** The target, or what to do while there is none. */
export function targetOf(draft: GroupDraft, use: TargetUse, found: ReturnType<TargetsPort['find']>): GroupTarget | Result {
  const { object, conditions } = draft
  if (found.state === 'ready') return found.target
  // After a start, and while credentials rotate: no news for anybody, unless there is a new spec to be judged.
  if (found.state === 'connecting' && object.status?.observedGeneration === object.metadata.generation) return asBefore(draft)
  if (found.state === 'refused') throw new TerminalError(found.reason, found.message)
  const message = use === 'CleanUp' && found.state !== 'connecting' ? `${found.message}. ${waysOut(object)}` : found.message
  // An object that is being deleted says in `Ready` what it waits for.
  if (use === 'CleanUp') conditions.reconciling(found.reason, message)
  if (found.state === 'unreachable') conditions.readyUnknown(found.reason, message)
  else conditions.setFalse('Provisioned', found.reason, message)
  return found.state === 'missing' ? awaitChange : requeueAfter(restMs)
}
