import type { GroupDraft } from '../pass.ts'
import { abandonAnnotation } from '../ways-out.ts'

/** Why an object may go without a word to AWS; `undefined` when AWS has to be asked. Works also while AWS and the cluster are unreachable. */
export function releasedUnasked({ object, status }: Pick<GroupDraft, 'object' | 'status'>): string | undefined {
  const { policy } = object.spec
  const left = status.arn ?? 'nothing that we know of'
  if (object.metadata.annotations?.[abandonAnnotation] === object.metadata.uid) return `abandoned: ${left} is left as it is`
  if (policy.management === 'Observe') return 'it was only observed'
  if (policy.deletion === 'Retain') return `retained: ${left} stays in AWS`
  if (status.ownership?.origin === 'Adopted' && policy.deletion !== 'Delete') return `adopted, therefore retained: ${left} stays in AWS`
  if (status.arn === undefined && status.operation === undefined) return 'nothing was made'
  return undefined
}
