import { rfc3339 } from '../../../runtime/conditions.ts'
import { mayBeTaken, sizesToSend } from './scale.ts'
import { sayBusy } from '../busy.ts'
import { isBusy } from '../group-state.ts'
import { markOf } from '../mark.ts'
import { conclude } from '../operation.ts'
import { originOf } from '../ownership.ts'
import type { Act } from '../pass.ts'
import { showsSizes } from '../sizing.ts'
import { succeed } from '../succeed.ts'

/**
 * Closes an operation whose outcome can be seen in the world (aws-rules A2), and waits while the group itself is busy: EKS refuses everything else
 * meanwhile.
 */
export const settle: Act = async (pass) => {
  const { draft, seen, surroundings, name } = pass
  const { group, scalingGroup } = seen
  const { status, conditions } = draft
  const { operation } = status
  const now = surroundings.now()
  if (group === undefined) return undefined
  if (isBusy({ seen })) {
    const wait = sayBusy(pass)
    if (group.state === 'Updating' && operation?.kind === 'UpdateVersion') conditions.reconciling('UpdateRunning', conditions.get('UpToDate').message)
    return wait
  }
  if (operation?.kind === 'Create') {
    // One that was there all the time, and did not show when the creation was meant, keeps what its tags say (P2).
    const origin = originOf(group.tags, markOf(draft.object, surroundings))
    status.ownership = { origin, since: rfc3339(now) }
    delete status.creation
    if (origin === 'Created') succeed(pass, { reason: 'Created', note: `node group ${name} is ${group.state}` })
    else conclude(status, 'Superseded', now)
  }
  if (operation?.kind === 'UpdateScaling' && scalingGroup !== undefined && Object.keys(sizesToSend(pass, scalingGroup)).length === 0) {
    const { minSize, desiredCapacity, maxSize } = scalingGroup
    const note = `${name} has minSize ${minSize}, desiredSize ${desiredCapacity}, maxSize ${maxSize} in AWS`
    // A spec that went back meanwhile is content with sizes that stayed as they were.
    if (showsSizes(operation, scalingGroup)) succeed(pass, { reason: 'Scaled', note })
    else if (!mayBeTaken(pass)) conclude(status, 'Superseded', now)
  }
  return undefined
}
