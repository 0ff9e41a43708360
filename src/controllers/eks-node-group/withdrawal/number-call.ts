import { isAwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { rfc3339 } from '../../../runtime/conditions.ts'
import { lostCallMs } from '../operation.ts'
import type { Pass } from '../pass.ts'

type Call = NonNullable<NonNullable<EksNodeGroupStatus['withdrawal']>['call']>
type Given = Pick<Pass, 'draft' | 'calls' | 'surroundings'>

/** The intent of a withdrawal's calls for another number; it is stored before the first. */
export function intendNumber({ calls, surroundings }: Pick<Given, 'calls' | 'surroundings'>): Call {
  const token = surroundings.newToken()
  const now = surroundings.now()
  calls.made(token, now)
  return { token, at: rfc3339(now) }
}

/**
 * Asks AWS for another number. What has no answer, also since the pass was ended, may still be taken: the time counts from its end, and an answer to a later
 * call does not say that this one has arrived.
 */
export async function askNumber(pass: Pass, group: string, desired: number): Promise<void> {
  try {
    await pass.target.aws.scalingGroups.setDesiredCapacity(group, desired, { signal: pass.context.signal })
  } catch (error) {
    if (!isAwsError(error) || error.kind === 'Unavailable') pass.calls.sent(tokenOf(pass), pass.surroundings.now())
    throw error
  }
}

/**
 * A number that AWS was asked for may still be taken: it would end nodes of its own choice for it, where more run by then and they are not protected. In
 * words; `undefined` where none is on its way.
 */
export function lateNumber(given: Given): string | undefined {
  if (given.draft.status.withdrawal === undefined || given.calls.silentMs(tokenOf(given), given.surroundings.now()) >= lostCallMs) return undefined
  return 'AWS may still take a number that it was asked for, since nobody read its answer: the protection from scale-in stays until it cannot any more, for up to 20 s'
}

/** Where the CRD was not upgraded no token is stored: the call is known by when it began, which is no token of this process. */
function tokenOf({ draft: { object, status } }: Pick<Given, 'draft'>): string {
  return status.withdrawal?.call?.token ?? `${object.metadata.uid}/${status.withdrawal?.startedAt ?? ''}`
}
