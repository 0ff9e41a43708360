import type { TargetPass } from '../pass.ts'

/** Event `TargetGone`, once: where the object does not say it yet. */
export function tellGone({ draft, context }: TargetPass, type: string, reason: string, note: string): void {
  const said = draft.object.status?.conditions?.some((condition) => condition.type === type && condition.reason === reason) === true
  if (!said) context.event({ type: 'Warning', reason: 'TargetGone', action: 'Connect', note })
}
