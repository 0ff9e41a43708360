import { FreshCache } from '../../aws/fresh-cache.ts'
import { type EksNodeGroup, eksNodeGroups } from '../../crds/eks-node-group.ts'
import { type TargetCluster, targetClusters } from '../../crds/target-cluster.ts'
import type { KubeClient } from '../../kube/client.ts'
import type { KubeObject, Namespace } from '../../kube/objects.ts'
import { type Resource, resources } from '../../kube/resource.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Holder } from '../../runtime/freeze.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

/**
 * Shared by all groups of a target, and the release namespace by all targets, so that a busy target costs one small read in this time. With the second for which a
 * pass believes the answer, and what it has sent by then, a freeze holds well within 5 s (P10).
 */
const liveMs = 1_000

/** What a TargetCluster holds back in its groups. */
export function targetHolder(name: string, target: Frozen<TargetCluster> | undefined): Holder {
  return { what: `TargetCluster ${name}`, suspend: target?.spec.suspend === true, annotations: target?.metadata.annotations }
}

/** A freeze of the release namespace freezes everything. */
export function namespaceHolder(name: string, namespace: Frozen<Namespace> | undefined): Holder {
  return { what: `namespace ${name}`, suspend: false, annotations: namespace?.metadata.annotations }
}

/**
 * Asks the API server itself who holds the groups of a target back: a watch that has gone silent (its connection is half open) shows no freeze for
 * minutes, while everything else works. Errors: `KubeError`; nothing is begun without an answer.
 */
export function createLiveHolders(options: {
  readonly client: KubeClient
  readonly releaseNamespace: string
  readonly clock: Clock
}): (target: string, options: { readonly signal: AbortSignal }) => Promise<readonly Holder[]> {
  const { client, releaseNamespace, clock } = options
  const answers = new FreshCache<Holder>(clock)
  const ask = async (key: string, signal: AbortSignal, read: (shared: AbortSignal) => Promise<Holder>): Promise<Holder> =>
    await answers.get(key, { maxAgeMs: liveMs, signal }, read)
  return async (target, { signal }) =>
    await Promise.all([
      ask(`target ${target}`, signal, async (shared) => targetHolder(target, await one<TargetCluster>(client, targetClusters, { name: target }, shared))),
      ask('namespace', signal, async (shared) =>
        namespaceHolder(releaseNamespace, await one<Namespace>(client, resources.namespaces, { name: releaseNamespace }, shared)),
      ),
    ])
}

/**
 * Asks the API server itself for a group, as it has it now and not as some cache does. Not remembered: an answer older than the pass would show an older
 * version. Errors: `KubeError`.
 */
export function createLiveObject(
  client: KubeClient,
): (object: Frozen<EksNodeGroup>, options: { readonly signal: AbortSignal }) => Promise<EksNodeGroup | undefined> {
  return async ({ metadata: { name, namespace } }, { signal }) => await one<EksNodeGroup>(client, eksNodeGroups, { name, namespace }, signal)
}

/** A list, since that is what the watches need the right to anyway. */
async function one<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  { name, namespace }: { readonly name: string; readonly namespace?: string | undefined },
  signal: AbortSignal,
): Promise<T | undefined> {
  const { items } = await client.list<T>(resource, {
    ...(namespace === undefined ? {} : { namespace }),
    fieldSelector: `metadata.name=${name}`,
    signal,
    // What waits for the answer are evictions.
    urgent: true,
  })
  return items[0]
}
