import type { FinalizeResult } from '../../../runtime/reconciler.ts'
import { asBefore } from '../as-before.ts'
import { ChangedMeanwhileError, askHold, sayHold } from '../holder.ts'
import type { Look } from '../look.ts'
import { type GroupContext, type GroupDraft, groupName } from '../pass.ts'
import type { Surroundings, TargetsPort } from '../ports.ts'
import { abandonLine, isAbandoned } from '../ways-out.ts'
import { wrongCluster } from '../wrong-cluster.ts'
import { release } from './release.ts'
import { standing } from './standing.ts'

interface Options {
  /** Why the group stays. */
  readonly why: string
  readonly targets: TargetsPort
  readonly surroundings: Surroundings
  readonly look: Look
}

/** The group stays, and the object goes; what else of ours stands there comes off first, where that can be done. */
export async function keepGroup(draft: GroupDraft, context: GroupContext, { why, targets, surroundings, look }: Options): Promise<FinalizeResult> {
  const found = targets.find(draft.object.spec.targetClusterRef.name, 'CleanUp')
  // What of ours stands is where the group is: elsewhere it is neither looked for nor gone.
  const isElsewhere = wrongCluster(draft.status, found) !== undefined
  const isReady = found.state === 'ready' && !isElsewhere
  let hold = sayHold(draft, context, surroundings)
  const mayWait = hold === undefined && !isAbandoned(draft) && standing(draft).length > 0
  // After a start the target answers in a moment, or says within a minute that it does not: a death shall not leave behind what stands there.
  if (mayWait && found.state === 'connecting') {
    const way = `Tidegate has left there: ${standing(draft).join('; ')}. To leave it behind: ${abandonLine(draft.object)}`
    draft.conditions.reconciling(found.reason, `the deletion waits: ${found.message}, and ${way}`)
    return asBefore(draft, { unjudged: true })
  }
  try {
    // What stands is about to be taken back.
    if (mayWait && isReady) hold = await askHold(draft, context, surroundings)
  } catch (error) {
    if (error instanceof ChangedMeanwhileError) return asBefore(draft, { unjudged: true })
    throw error
  }
  return await release(draft, context, {
    why,
    hold,
    surroundings,
    name: groupName(draft.object),
    target: hold !== undefined || !isReady ? undefined : found.target,
    // Where EKS still has the cluster, as behind a wrong address, all of it may stand.
    isGone: found.state === 'gone' && found.eks === undefined && !isElsewhere,
    look: async (target, limited) => await look.at(draft, limited, target, { held: false, fresh: true, throws: true }),
  })
}
