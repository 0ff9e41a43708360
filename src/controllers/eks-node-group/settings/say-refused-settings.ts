import { nodesAreComing, nodesLeave } from '../pace.ts'
import type { Pass } from '../pass.ts'
import { inSync } from '../reports/in-sync.ts'
import { plannedCalls, refusedAmong } from './calls.ts'

/**
 * The last word of a pass about settings that AWS refuses, which need a person: `InSync` says them before what an act has said there. Where nothing else is
 * under way the object is `Stalled`; it is looked at as any other at rest all the same. `acted`: an act ended the pass. `reported`: what the report of `InSync`
 * had said before the acts; each saying is an object of its own.
 */
export function sayRefusedSettings(
  pass: Pass,
  { acted, reported }: { readonly acted: boolean; readonly reported: ReturnType<Pass['draft']['conditions']['get']> },
): void {
  const { draft, seen, surroundings } = pass
  const { conditions } = draft
  if (seen.group === undefined) return
  const refusals = refusedAmong(pass, plannedCalls(pass, seen.group))
  const [first] = refusals
  if (first === undefined) return
  const said = conditions.get('InSync')
  inSync(pass)
  if (said !== reported) conditions.setFalse('InSync', 'Drifted', `${conditions.get('InSync').message}; ${said.message}`)
  if (acted || nodesLeave(draft) || nodesAreComing(draft, surroundings.now())) return
  conditions.stalled(first.reason, refusals.map(({ message }) => message).join('; '))
}
