import { isAwsError } from '../../../aws/aws-error.ts'
import { type KubeError, isKubeError } from '../../../kube/kube-error.ts'
import { KubeconfigError } from '../../../kube/kubeconfig.ts'
import type { Namespace } from '../../../kube/objects.ts'
import { resources } from '../../../kube/resource.ts'
import { TerminalError } from '../../../runtime/reconciler.ts'
import { isRefused, unseen } from '../feeds.ts'
import { isOtherCluster, readRootCa } from '../other-cluster.ts'
import { placeOf } from '../place.ts'
import type { Feed, TargetConnection } from '../ports.ts'
import type { TargetPass } from '../pass.ts'
import { holdSecret } from './hold-secret.ts'
import { tellGone } from './tell-gone.ts'
import { targetLeaseKey } from '../target-lease.ts'
import { unreachableAfterMs } from '../targets.ts'
import { type Gap, unreachable } from './unreachable.ts'

/** Condition `KubernetesReachable`: the connection stands, and the cluster behind it is the one it was. */
export async function kubernetesReachable(pass: TargetPass): Promise<void> {
  const { draft, context, facts } = pass
  const { conditions, status } = draft
  const connection = await open(pass)
  if (connection === undefined) return endpointUnknown(pass)
  facts.connection = connection
  let claimed: TargetConnection['lease'] | undefined
  try {
    const { signal } = context
    const isKnown = facts.rootCa?.of === connection && !isOtherCluster(facts)
    const [system, version, rootCa] = await Promise.all([
      connection.client.get<Namespace>(resources.namespaces, { name: 'kube-system' }, { signal, timeoutMs: 10_000 }),
      connection.client.raw('/version', { signal, timeoutMs: 10_000 }),
      isKnown ? undefined : readRootCa(connection.client, { signal, timeoutMs: 10_000 }),
    ])
    if (rootCa !== undefined) facts.rootCa = { of: connection, text: rootCa }
    checkIdentity(pass, system.metadata.uid)
    checkCluster(pass)
    if (isJudged(pass)) {
      claimed = connection.lease
      await claim(pass, claimed)
      status.targetUID = system.metadata.uid
    }
    delete facts.blocked
    sayVersion(pass, versionOf(version))
    const missing = longUnseen(pass, connection)
    if (missing.length > 0 && !missing.some(isRefused)) return unreachable(pass, noNews(pass, missing))
    delete facts.unreachable
    if (missing.length > 0)
      return conditions.setFalse(
        'KubernetesReachable',
        'Forbidden',
        `the ${named(missing.filter(isRefused))} of the target cannot be listed and watched: give the credentials list and watch on nodes and pods (ClusterRole tidegate-target)`,
      )
    conditions.setTrue('KubernetesReachable', 'Connected')
  } catch (error) {
    if (error instanceof TerminalError) throw error
    if (isKubeError(error) && error.status === 401) return fail(pass, 'Unauthorized', unauthorized(pass))
    // The token is made of AWS credentials, which may be refused themselves.
    if (isKubeError(error) && isAwsError(error.cause, 'AccessDenied')) return fail(pass, error.cause.reason, error.cause.message)
    if (isKubeError(error) && error.status === 403)
      return fail(
        pass,
        'Forbidden',
        `the credentials lack rights in the target: apply config/rbac/target.yaml there and bind both of its roles to them: ${error.message}`,
      )
    if (!isKubeError(error)) throw error
    unreachable(pass, claimed === undefined ? noAnswer(error) : noLease(error, claimed))
  }
}

function noAnswer({ reason }: KubeError): Gap {
  return { what: 'does not answer', reason, remedy: 'check the network path to it and its address' }
}

/** It answers, and a write that was due fails: without the Lease nothing may be begun there. */
function noLease({ reason, message }: KubeError, lease: TargetConnection['lease']): Gap {
  const { namespace, name } = targetLeaseKey
  const remedy = 'see why it stores nothing, such as an etcd that is full or an admission webhook that is down'
  return { what: `does not take our Lease ${namespace}/${name}`, reason, words: message, forMs: lease.failsForMs(), remedy }
}

/** It answers, and watches come to nothing: what is known of the nodes may be long gone. */
function noNews({ facts, deps }: TargetPass, missing: readonly Feed[]): Gap {
  const failure = missing.map((feed) => feed.failure).find((error) => isKubeError(error))
  const forMs = facts.unseenSince === undefined ? 0 : deps.now().getTime() - facts.unseenSince.getTime()
  const remedy = 'see what cuts or holds back long answers on the way to it, and how it is itself'
  return { what: `does not tell of its ${named(missing)}`, reason: failure?.reason ?? 'silence', forMs, remedy }
}

function named(feeds: readonly Feed[]): string {
  return feeds.map(({ resource }) => resource).join(' and ')
}

/** `undefined` while EKS has not said where the API server is. */
async function open(pass: TargetPass): Promise<TargetConnection | undefined> {
  const { draft, context, deps, name } = pass
  const { kubeconfigSecretRef, eksToken } = draft.object.spec.connection
  if (eksToken !== undefined) return await openByToken(pass)
  if (kubeconfigSecretRef === undefined) return await deps.connections.open(name, undefined)
  const { key, context: kubeContext } = kubeconfigSecretRef
  const secret = await deps.secrets.read(kubeconfigSecretRef.name, key, { signal: context.signal })
  if (secret !== undefined) await holdSecret(pass, kubeconfigSecretRef.name, secret)
  const text = secret?.value
  const refuse = (reason: string, message: string, cause?: unknown): never => {
    draft.conditions.setFalse('KubernetesReachable', reason, message)
    throw new TerminalError(reason, message, { cause })
  }
  if (text === undefined)
    return refuse('SecretNotFound', `Secret ${kubeconfigSecretRef.name} with key ${key} is not in the operator's namespace: create it there`)
  try {
    return await deps.connections.open(name, { text, context: kubeContext })
  } catch (error) {
    if (error instanceof KubeconfigError) return refuse(error.kind, `correct Secret ${kubeconfigSecretRef.name}: ${error.message}`, error)
    throw error
  }
}

async function openByToken({ draft, facts, deps, name }: TargetPass): Promise<TargetConnection | undefined> {
  const { eksClusterName: clusterName, ...spec } = draft.object.spec
  const { api, aws } = facts
  if (api === undefined || aws === undefined || clusterName === undefined) return undefined
  return await deps.connections.open(name, { ...api, clusterName, place: placeOf(spec), tokens: aws.clusterTokens })
}

/** EKS has not said yet where the API server is; after a start that is no news until it lasts. */
export function endpointUnknown({ draft: { conditions }, facts, deps }: TargetPass): void {
  const since = facts.unreachable?.since ?? deps.now()
  facts.unreachable = { since, what: 'has no address yet', reason: 'EndpointUnknown', why: '', remedy: '' }
  if (deps.now().getTime() - since.getTime() < unreachableAfterMs && conditions.isTrue('KubernetesReachable')) return
  conditions.setFalse('KubernetesReachable', 'EndpointUnknown', 'the address of the API server comes from EKS, which has not told it: CloudReachable says why')
}

function unauthorized({ draft }: TargetPass): string {
  const { connection, eksClusterName, aws } = draft.object.spec
  if (connection.eksToken === undefined) return 'the target refuses the credentials: write a fresh kubeconfig into the Secret'
  const who = aws.roleArn ?? "the operator's role in AWS"
  return `the cluster does not know ${who}: make an access entry for it in EKS cluster ${eksClusterName}, with Kubernetes group tidegate-target`
}

/** Where another version answers, the cluster is being updated: what groups may be updated to is what EKS says of it, and it is asked anew. */
function sayVersion({ draft: { status }, facts }: TargetPass, version: string): void {
  if (status.kubernetesVersion !== undefined && status.kubernetesVersion !== version) delete facts.cloudCheckedAt
  status.kubernetesVersion = version
}

/** What `/version` says; a proxy may answer anything, and the status takes 64 characters. */
function versionOf(text: string): string {
  try {
    const { gitVersion } = JSON.parse(text) as { readonly gitVersion?: unknown }
    return typeof gitVersion === 'string' ? gitVersion.slice(0, 64) : 'unknown'
  } catch {
    return 'unknown'
  }
}

/**
 * What has not been told of for as long as makes a target unreachable: its groups wait for it. The first minute is nobody's news: after a start, after an
 * outage, and after this process itself was held up, it takes a moment until all is followed again.
 */
function longUnseen({ facts, deps }: TargetPass, { nodes }: TargetConnection): readonly Feed[] {
  const missing = unseen(nodes)
  if (missing.length === 0) delete facts.unseenSince
  else facts.unseenSince ??= deps.now()
  return facts.unseenSince !== undefined && deps.now().getTime() - facts.unseenSince.getTime() >= unreachableAfterMs ? missing : []
}

/**
 * Two objects for one cluster would spend two budgets: the one that was connected first stays, not one that is older and was connected later.
 * Another cluster behind the address is not the one that our marks are on.
 */
function checkIdentity(pass: TargetPass, uid: string): void {
  const { draft, deps, facts, name } = pass
  const before = draft.status.targetUID
  if (before !== undefined && before !== uid) {
    facts.blocked = true
    facts.replaced = `another cluster answers at this address (kube-system has UID ${uid}, it was ${before}): correct the connection, or create a new TargetCluster`
    tellGone(pass, 'KubernetesReachable', 'TargetReplaced', facts.replaced)
    fail(pass, 'TargetReplaced', facts.replaced)
  }
  delete facts.replaced
  const mine = draft.object.metadata
  const first = deps.others
    .targets()
    .filter((other) => other.targetUID === uid || other.name === name)
    .toSorted((a, b) => Number(b.targetUID === uid) - Number(a.targetUID === uid) || a.since.localeCompare(b.since) || a.uid.localeCompare(b.uid))[0]
  if (first !== undefined && first.uid !== mine.uid) {
    facts.blocked = true
    fail(pass, 'TargetAlreadyManaged', `TargetCluster ${first.name} is the same cluster: delete one of the two`)
  }
}

/** Node names mean other machines there, and pods that run on ours do not show (P1). */
function checkCluster(pass: TargetPass): void {
  if (!isOtherCluster(pass.facts)) return
  const { eksClusterName, connection } = pass.draft.object.spec
  const way = connection.inCluster === undefined ? 'the kubeconfig' : 'connection.inCluster'
  fail(
    pass,
    'WrongCluster',
    `${way} leads to another cluster than ${eksClusterName} in EKS, whose certificate authority is not the one in ConfigMap kube-system/kube-root-ca.crt there: correct the connection, or make a TargetCluster with the right eksClusterName`,
  )
}

/** Whether it can be the cluster: one that is met for the first time gets no Lease of ours, and its UID is not kept, before EKS has told of the one that is meant. */
function isJudged({ draft: { object, status }, facts }: TargetPass): boolean {
  return status.targetUID !== undefined || object.spec.eksClusterName === undefined || facts.api !== undefined
}

/** Two management clusters would spend two budgets, and undo what the other does: the one whose Lease stands in the target goes on alone. */
async function claim(pass: TargetPass, lease: TargetConnection['lease']): Promise<void> {
  const holder = await lease.claim(pass.context.signal)
  if (holder === undefined) return
  const { namespace, name } = targetLeaseKey
  fail(
    pass,
    'HeldByAnotherManagementCluster',
    `management cluster ${holder} has this target (Lease ${namespace}/${name} there): delete one of the two TargetClusters; a Lease that nobody renews is taken over after 3 min`,
  )
}

function fail({ draft }: TargetPass, reason: string, message: string): never {
  draft.conditions.setFalse('KubernetesReachable', reason, message)
  throw new TerminalError(reason, message)
}
