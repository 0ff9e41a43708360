import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { correctable, fixedDifferences } from '../drift.ts'
import { forgottenProtection } from '../withdrawal/protection-tag.ts'
import type { Pass, Report } from '../pass.ts'
import { type RefusedCall, plannedCalls, refusedAmong } from '../settings/calls.ts'
import { sizeDifferences, sizesInMessage } from '../size-drift.ts'
import { twoOwnersInWords } from '../two-owners.ts'
import { appliedOf } from '../settings/applied.ts'
import { counted } from '../../../lib/counted.ts'
import { cut } from '../../../lib/cut.ts'
import { pending } from './pending.ts'

type Drift = NonNullable<EksNodeGroupStatus['drift']>[number]

/** Condition `InSync`: what the spec says about configuration and sizes is what AWS has, as far as it can be sent. */
export const inSync: Report = (pass) => {
  const { draft, spec, seen } = pass
  const { conditions, status } = draft
  if (seen.group === undefined) {
    delete status.drift
    return pending(pass, 'InSync')
  }
  const applied = appliedOf(spec, seen.group, status.applied ?? {}, status.operation !== undefined)
  if (applied === undefined) delete status.applied
  else status.applied = applied
  const fixed = fixedDifferences(spec, seen.group)
  const calls = plannedCalls(pass, seen.group)
  const refusals = refusedAmong(pass, calls)
  const fields = calls.flatMap((call) => call.fields)
  const differing = correctable(spec, seen.group, applied ?? {}, fields)
  const corrected = differing.map((one) => withRefusal(one, refusals))
  const protection = forgottenProtection(pass)
  const sizes = sizeDifferences(pass, seen.group)
  const drift = [...fixed, ...(protection === undefined ? [] : [protectionDrift(protection)]), ...corrected, ...sizes]
  if (drift.length === 0) delete status.drift
  else status.drift = drift
  const [first] = fixed
  // What needs a person comes first: the rest gets there by itself.
  const forPeople = [
    ...(first === undefined ? [] : [`${names(fixed)} differ in EKS: ${first.remedy}`]),
    ...(protection === undefined ? [] : [`instances may still have our protection from scale-in, of which the status was lost: ${protection.remedy}`]),
    ...refusals.map((one) => refusedInWords(one, pass)),
  ]
  const twoOwners = seen.twoOwners ? [twoOwnersInWords(pass)] : []
  if (forPeople.length > 0) conditions.setFalse('InSync', 'Drifted', [...forPeople, ...twoOwners].join('; '))
  else if (seen.twoOwners) conditions.setFalse('InSync', 'TwoOwnersOfCount', twoOwnersInWords(pass))
  else if (corrected.length > 0) conditions.setFalse('InSync', 'Correcting', `${names(corrected)} differ in EKS and are brought to what the spec says`)
  else if (sizes.length > 0) conditions.setFalse('InSync', 'Correcting', sizesInMessage(sizes))
  else conditions.setTrue('InSync', 'NoDrift')
}

function protectionDrift({ instances, remedy }: NonNullable<ReturnType<typeof forgottenProtection>>): Drift {
  return { field: 'protection from scale-in', desired: 'none of ours', actual: `on ${counted(instances.length, 'instance')}`, remedy }
}

/** What AWS refuses does not get there by itself. */
function withRefusal(one: Drift, refusals: readonly RefusedCall[]): Drift {
  const refusal = refusals.find(({ fields }) => fields.includes(one.field))
  return refusal === undefined ? one : { ...one, remedy: cut(`AWS refuses to set it: ${refusal.message}`, 1024) }
}

function refusedInWords({ fields, message }: RefusedCall, { held }: Pick<Pass, 'held'>): string {
  const again = held ? '' : ' It is asked again every 10 min, on another spec, and on tidegate.io/retry'
  return `${fields.join(', ')} differ in EKS, and AWS refuses to set them: ${message}${again}`
}

function names(drift: readonly { readonly field: string }[]): string {
  return drift.map(({ field }) => field).join(', ')
}
