import { isAwsError } from '../../../aws/aws-error.ts'
import { TerminalError } from '../../../runtime/reconciler.ts'
import type { TargetPass } from '../pass.ts'
import { isOtherCluster } from '../other-cluster.ts'
import { isSamePlace, placeOf } from '../place.ts'
import type { TargetAws } from '../ports.ts'
import { tellGone } from './tell-gone.ts'

/** A cluster's own facts change seldom; while it is on its way to another state it is looked at in each pass (aws-rules A5). */
const cloudAgeMs = 600_000

/** States in which a cluster can stay for days. */
const lasting: ReadonlySet<string> = new Set(['Failed', 'Pending', 'Deleting', 'Unknown'])
const lastingAgeMs = 60_000

/** Condition `CloudReachable`: AWS answers with the right account, and EKS knows the cluster. */
export async function cloudReachable(pass: TargetPass): Promise<void> {
  const { draft, context, facts, deps } = pass
  const { conditions, status, object } = draft
  const { aws: place, eksClusterName } = object.spec
  const asked = placeOf(object.spec)
  // With other credentials the groups wait until the cluster is found with them too: theirs may be in an account that these do not see.
  if (facts.place !== undefined && !isSamePlace(facts.place, asked)) delete facts.clusterState
  facts.place = asked
  facts.aws = deps.aws(asked)
  if (eksClusterName === undefined) return conditions.setTrue('CloudReachable', 'NoEksCluster')
  const now = deps.now()
  if (facts.cloudCheckedAt !== undefined && now.getTime() - facts.cloudCheckedAt.getTime() < goodForMs(pass)) return
  const options = { signal: context.signal }
  try {
    if (place.accountId !== undefined) {
      const { accountId } = await facts.aws.identity.get(options)
      if (accountId !== place.accountId)
        failForGroups(
          pass,
          'WrongAccount',
          `the credentials belong to account ${accountId}, spec.aws.accountId is ${place.accountId}: give the operator credentials of that one, or make another TargetCluster`,
        )
    }
    const cluster = await facts.aws.clusters.describe(eksClusterName, options)
    if (cluster === undefined) return await notThere(pass, facts.aws, eksClusterName)
    checkAccount(pass, cluster.arn)
    const { arn, state, version, endpoint, certificateAuthority, autoMode } = cluster
    if (endpoint !== undefined && certificateAuthority !== undefined) facts.api = { endpoint, certificateAuthority }
    delete facts.gone
    facts.clusterArn = arn
    facts.clusterState = cluster.state
    facts.clusterVersion = version
    facts.authenticationMode = cluster.authenticationMode
    facts.cloudCheckedAt = now
    status.eks = { arn, state, autoMode, ...(version === undefined ? {} : { version }), ...(endpoint === undefined ? {} : { endpoint }) }
    if (state === 'Active' || state === 'Updating') conditions.setTrue('CloudReachable', 'CloudAnswers')
    else conditions.setFalse('CloudReachable', 'EksClusterNotActive', `cluster ${eksClusterName} is ${state} in EKS; node groups wait for it`)
  } catch (error) {
    if (!isAwsError(error)) throw error
    if (error.kind === 'AccessDenied') return fail(pass, error.reason, error.message)
    conditions.setFalse('CloudReachable', error.kind === 'Throttled' ? 'Throttled' : 'CloudUnreachable', error.message)
  }
}

/**
 * A cluster that was there is gone, and its node groups with it: EKS deletes no cluster that has one ("Cluster has nodegroups attached"). But only where
 * the same account says so: with another role it may be another account that is asked.
 */
async function notThere(pass: TargetPass, aws: TargetAws, name: string): Promise<never> {
  const { draft, context, facts } = pass
  const { region } = draft.object.spec.aws
  const known = draft.status.eks?.arn
  const asked = known === undefined ? undefined : (await aws.identity.get({ signal: context.signal })).accountId
  if (known === undefined || known.split(':')[4] !== asked)
    return failForGroups(pass, 'EksClusterNotFound', `EKS knows no cluster ${name} in ${region}: check eksClusterName, the region and the account`)
  facts.clusterArn = known
  facts.gone = `EKS in account ${asked} no longer has cluster ${name} in ${region}, so its node groups and Nodes are gone too: delete the objects that name it, then this one`
  tellGone(pass, 'CloudReachable', 'TargetGone', facts.gone)
  return failForGroups(pass, 'TargetGone', facts.gone)
}

/**
 * The cluster in which the groups were made stays theirs: in one of the same name elsewhere they are not found, and would count as gone while their
 * nodes run. Made anew in its place, a cluster has the same ARN, and is the same.
 */
function checkAccount(pass: TargetPass, found: string): void {
  const known = pass.draft.status.eks?.arn
  if (known === undefined || known === found) return
  const [before, now] = [known, found].map((arn) => `account ${arn.split(':')[4]} (${arn})`)
  const remedy = 'set spec.aws.roleArn back, or give the operator credentials of that account; for the other cluster make another TargetCluster'
  failForGroups(pass, 'WrongAccount', `the credentials lead to a cluster in ${now}, and the groups are in the one of ${before}: ${remedy}`)
}

/** How long the last answer may be used; 0 where the last pass ended without one, or the spec asks something else since (`accountId`). */
function goodForMs({ draft, facts }: TargetPass): number {
  const { status, metadata } = draft.object
  if (status?.observedGeneration !== metadata.generation) return 0
  const { reason } = draft.conditions.get('CloudReachable')
  // The authority that EKS tells may have been exchanged.
  if (isOtherCluster(facts)) return lastingAgeMs
  if (draft.conditions.isTrue('CloudReachable')) return facts.clusterState === 'Active' ? cloudAgeMs : 0
  return reason === 'EksClusterNotActive' && lasting.has(facts.clusterState ?? '') ? lastingAgeMs : 0
}

function fail({ draft }: TargetPass, reason: string, message: string): never {
  draft.conditions.setFalse('CloudReachable', reason, message)
  throw new TerminalError(reason, message)
}

/** As `fail`; the groups wait too, since a cluster of this name elsewhere is not theirs. */
function failForGroups(pass: TargetPass, reason: string, message: string): never {
  delete pass.facts.clusterState
  fail(pass, reason, message)
}
