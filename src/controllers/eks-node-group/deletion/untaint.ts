import type { EksNodeGroupOperation, EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { stableHash } from '../../../lib/hash.ts'
import { followUpdate } from '../follow-update.ts'
import { isBusy } from '../group-state.ts'
import { conclude, intend, isIntended, lostCallMs } from '../operation.ts'
import type { Pass } from '../pass.ts'
import type { Surroundings } from '../ports.ts'
import { groupTaint, hasGroupTaint } from './group-taint.ts'

/** The intent to take the group's taint away, where it may stand: to be stored before `untaint`. */
export function intendUntaint(draft: Pass['draft'], { now, newToken }: Pick<Surroundings, 'now' | 'newToken'>): void {
  const { status } = draft
  if (status.deletion?.taintedAt === undefined) return
  conclude(status, 'Superseded', now())
  status.operation = intend('UpdateConfig', paramsHashOf({ draft }), { token: newToken(), now: now() })
}

function paramsHashOf(pass: Pick<Pass, 'draft'>): string {
  return stableHash({ remove: groupTaint(pass) })
}

/**
 * One step towards a group without our taint. That EKS took a call proves nothing (aws-rules A2): the taint is off the status only when it does not show.
 * A call that EKS took and did not carry out is made again under a token of its own, without a delay: there is half a minute for all of it.
 */
export async function untaint(pass: Pass): Promise<void> {
  const { draft, target, context, name, surroundings } = pass
  const { status } = draft
  if (status.deletion?.taintedAt === undefined) return
  const stored = status.operation
  const operation = isIntended(stored, 'UpdateConfig', paramsHashOf(pass), surroundings.now()) ? stored : undefined
  const step = nextStep(pass, status.deletion, operation)
  if (step === 'Forget') {
    const { taintedAt: _, ...rest } = status.deletion
    status.deletion = rest
  }
  if (step === 'Wait' || operation === undefined) return
  if (step === 'Follow' && operation.updateId !== undefined)
    await followUpdate(pass, operation, { updateId: operation.updateId, unchanged: 'the taint still shows in EKS' })
  if (step !== 'Ask') return
  const change = { taints: { set: [], remove: [groupTaint(pass)] } }
  const updateId = await target.aws.nodeGroups.updateConfig(target.clusterName, name, change, { token: operation.token, signal: context.signal })
  if (updateId !== undefined) status.operation = { ...operation, updateId }
  context.event({ type: 'Normal', reason: 'TakingBack', action: 'UpdateConfig', note: 'the taint for nodes that come late is taken off the node group' })
}

/**
 * What follows from what EKS shows. Where the taint does not show and we have not seen it go, a call that was to set it may still be on its way from a
 * process that died; while EKS works on the group, nothing that shows is final. Pure.
 */
function nextStep(
  pass: Pass,
  { taintedAt = '', takingBackSince }: NonNullable<EksNodeGroupStatus['deletion']>,
  operation: EksNodeGroupOperation | undefined,
): 'Forget' | 'Wait' | 'Follow' | 'Ask' {
  if (pass.seen.group === undefined) return 'Forget'
  if (isBusy(pass)) return 'Wait'
  const wasSeen = operation?.updateId !== undefined
  if (hasGroupTaint(pass)) return wasSeen ? 'Follow' : 'Ask'
  const sinceMs = pass.surroundings.now().getTime() - Date.parse(takingBackSince ?? taintedAt)
  return wasSeen || sinceMs >= lostCallMs ? 'Forget' : 'Wait'
}
