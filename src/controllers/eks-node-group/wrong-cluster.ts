import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { TerminalError } from '../../runtime/reconciler.ts'
import { releasedUnasked } from './deletion/released.ts'
import { type GroupDraft, groupName } from './pass.ts'
import type { TargetState } from './ports.ts'

/** A cluster as ARNs tell of it. */
interface Place {
  readonly region: string
  readonly account: string
  readonly cluster: string
}

/**
 * Where the group is and which cluster its target stands for now, where these differ: an administrator has made the TargetCluster anew. A group that is not
 * found there may well run where it was made. `undefined` also where one of the two is not known, or no ARN of EKS: that is not judged.
 */
export function wrongCluster({ arn }: Pick<EksNodeGroupStatus, 'arn'>, target: TargetState): { readonly group: Place; readonly target: Place } | undefined {
  const there = placeOf(arn, /^arn:[^:]+:eks:([^:]+):([^:]+):nodegroup\/([^/]+)\/[^/]+\/[^/]+$/)
  const here = placeOf(clusterArnOf(target), /^arn:[^:]+:eks:([^:]+):([^:]+):cluster\/([^/]+)$/)
  if (there === undefined || here === undefined) return undefined
  const isSame = there.region === here.region && there.account === here.account && there.cluster === here.cluster
  return isSame ? undefined : { group: there, target: here }
}

/** Nothing is asked of the cluster that the target stands for now, and nothing is done in it: neither group nor Nodes there are this object's. */
export function refuseWrongCluster(draft: GroupDraft, target: TargetState): void {
  const wrong = wrongCluster(draft.status, target)
  if (wrong === undefined) return
  const { object } = draft
  const { name } = object.spec.targetClusterRef
  const said = `node group ${groupName(object)} is in ${inWords(wrong.group)}, and TargetCluster ${name} stands for ${inWords(wrong.target)} now, so nothing is done in either`
  const remedy = `make a TargetCluster ${name} of the first cluster again`
  throw new TerminalError('WrongCluster', `${said}: ${remedy}${object.metadata.deletionTimestamp === undefined ? `, or ${letGo(draft, target)}` : ''}`)
}

/** How an object that lives comes to have a group in the other cluster. */
function letGo(draft: GroupDraft, target: TargetState): string {
  const stays = releasedUnasked(draft, target) !== undefined
  return `leave that group in AWS: ${stays ? '' : 'set spec.policy.deletion to Retain, then '}delete this object and apply it again`
}

function clusterArnOf(target: TargetState): string | undefined {
  if (target.state === 'ready') return target.target.clusterArn
  return target.state === 'gone' ? target.clusterArn : undefined
}

function placeOf(arn: string | undefined, shape: RegExp): Place | undefined {
  const [, region, account, cluster] = shape.exec(arn ?? '') ?? []
  return region === undefined || account === undefined || cluster === undefined ? undefined : { region, account, cluster }
}

function inWords({ region, account, cluster }: Place): string {
  return `cluster ${cluster} (${region}, account ${account})`
}
