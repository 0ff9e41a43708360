import type { AwsRates } from '../aws/budgets.ts'
import type { AwsClientsOptions } from '../aws/clients.ts'
import { CountsSweep } from '../controllers/eks-node-group/counts-sweep.ts'
import { createLiveHolders, createLiveObject, namespaceHolder, targetHolder } from '../controllers/eks-node-group/live-holders.ts'
import { EksNodeGroupReconciler } from '../controllers/eks-node-group/reconciler.ts'
import { projectGroup } from '../controllers/eks-node-group/field-managers.ts'
import { begunDrains } from '../controllers/eks-node-group/removals/begun-drains.ts'
import { createSizeWriter } from '../controllers/eks-node-group/size-writer.ts'
import {
  asksToRefresh,
  byTarget,
  byTargetAndGroup,
  byTargetDraining,
  byTargetUpdating,
  groupOf,
  indexers,
  matters,
  standsOn,
  tellOfTarget,
  userOf,
  withRole,
} from '../controllers/eks-node-group/watches.ts'
import { TargetClusterReconciler } from '../controllers/target-cluster/reconciler.ts'
import { SecretHolds } from '../controllers/target-cluster/secret-holds.ts'
import { createSecrets } from '../controllers/target-cluster/secrets.ts'
import { shownUser } from '../controllers/target-cluster/steps/say-user.ts'
import { Targets } from '../controllers/target-cluster/targets.ts'
import { type EksNodeGroup, eksNodeGroupKind, eksNodeGroups } from '../crds/eks-node-group.ts'
import { type TargetCluster, targetClusterKind, targetClusters } from '../crds/target-cluster.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject, Namespace } from '../kube/objects.ts'
import type { RateLimit } from '../kube/rate-limiter.ts'
import { type Resource, keyOf, resources } from '../kube/resource.ts'
import type { Clock } from '../lib/clock.ts'
import type { BeforeWrite } from '../lib/outside-write.ts'
import type { Random } from '../lib/random.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import { Controller, type ControllerOptions } from '../runtime/controller.ts'
import type { EventRecorder } from '../runtime/events.ts'
import { type Holder, holdMatters } from '../runtime/freeze.ts'
import { Informer } from '../runtime/informer.ts'
import type { InformerOptions } from '../runtime/informer-options.ts'
import { startDeadline } from '../runtime/pass-deadline.ts'
import type { Reconciler } from '../runtime/reconciler.ts'
import { sameJson } from '../runtime/same-json.ts'
import { awsPlaces } from './aws-places.ts'
import { TargetConnections } from './target-connections.ts'

/** What everything in the process is made of. */
export interface Foundation {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
}

export interface ControllersOptions extends Foundation {
  readonly client: KubeClient
  readonly events: EventRecorder
  readonly beforeWrite: BeforeWrite
  readonly releaseNamespace: string
  readonly concurrency: number
  /** Of each target's own client. */
  readonly kubeRate: RateLimit
  readonly awsRates: Partial<AwsRates>
  /** Instead of the SDK's standard environment. */
  readonly aws: Pick<AwsClientsOptions, 'endpoint' | 'credentials' | 'requestTimeoutMs'>
}

/** How long one pass may take: a few calls to AWS, each with its own 15 s. */
const passTimeoutMs = 60_000

/** The caches of the management cluster; a standby keeps them too, so that it can lead at once. */
export interface Caches {
  readonly targets: Informer<TargetCluster>
  readonly groups: Informer<EksNodeGroup>
  readonly namespaces: Informer<Namespace>
}

export function createCaches(client: KubeClient, foundation: Foundation): Caches {
  const informer = <T extends KubeObject>(resource: Resource, more: Partial<InformerOptions<T>> = {}): Informer<T> =>
    new Informer<T>({ client, resource, cluster: 'management', ...foundation, ...more })
  return {
    targets: informer<TargetCluster>(targetClusters),
    groups: informer<EksNodeGroup>(eksNodeGroups, { indexers, projection: projectGroup }),
    namespaces: informer<Namespace>(resources.namespaces),
  }
}

/** Everything that the leader runs. */
export interface Controllers {
  /** Works until `signal`; resolves when every pass and every connection has ended. */
  run(signal: AbortSignal): Promise<void>
}

export function createControllers(caches: Caches, managementCluster: string, options: ControllersOptions): Controllers {
  const { client, clock, random, log, metrics, beforeWrite, events, concurrency, releaseNamespace, kubeRate } = options
  const now = (): Date => clock.now()
  const aws = awsPlaces(options)
  const targets = new Targets({
    target: (name) => caches.targets.cache.get(name),
    namespaceLabels: (name) => caches.namespaces.cache.get(name)?.metadata.labels ?? {},
    now,
  })
  const releaseHolder = (): Holder => namespaceHolder(releaseNamespace, caches.namespaces.cache.get(releaseNamespace))
  const interrupt = (groups: readonly EksNodeGroup[]): void => {
    for (const { metadata } of groups) groupController.interrupt(keyOf(metadata))
  }
  const retry = ({ metadata }: EksNodeGroup, afterMs = 0): void => groupController.retryStalled(keyOf(metadata), afterMs)
  const groupsIn = (namespace: string): readonly EksNodeGroup[] => caches.groups.cache.list().filter(({ metadata }) => metadata.namespace === namespace)
  const groupsOf = (target: string): readonly EksNodeGroup[] => caches.groups.cache.byIndex(byTarget, target)
  const ownUid = (): string | undefined => caches.namespaces.cache.get('kube-system')?.metadata.uid
  // Also a kubeconfig may lead to the cluster that we run in.
  const isManagementCluster = (target: string): boolean => {
    const object = caches.targets.cache.get(target)
    if (object?.spec.connection.inCluster !== undefined) return true
    return ownUid() !== undefined && object?.status?.targetUID === ownUid()
  }
  // Of every kind that marks nodes or owns node groups.
  const livingOwner = (uid: string): string | undefined => {
    const living = caches.groups.cache.list().find(({ metadata }) => metadata.uid === uid)
    return living === undefined ? undefined : `${eksNodeGroups.kind} ${keyOf(living.metadata)}`
  }
  const connections = new TargetConnections({
    management: client,
    beforeWrite,
    onNode: (target, node, before) => {
      if (!matters(node, before)) return
      targetController.enqueueAfter(target, nodeCountDelayMs)
      const group = groupOf(target, node)
      if (group === undefined) return
      for (const { metadata } of caches.groups.cache.byIndex(byTargetAndGroup, group)) {
        groupReconciler.wishes.ask(metadata.uid, 'Counts')
        groupController.lookAgain(keyOf(metadata), { stalledMs: stalledLookMs })
      }
    },
    onDrain: (target, node) => {
      const group = groupOf(target, node)
      if (group === undefined) return
      for (const found of caches.groups.cache.byIndex(byTargetAndGroup, group))
        groupController.lookAgain(keyOf(found.metadata), { stalledMs: stalledLookMs, afterMs: drainDelayMs })
    },
    // Not the id that marks what is in AWS: a copy of this cluster, restored while the original runs, has that one too.
    leaseHolder: () => ownUid() ?? managementCluster,
    onLease: (target) => targetController.enqueue(target),
    ownNamespace: (target) => (isManagementCluster(target) ? releaseNamespace : undefined),
    updating: (target) => new Map(caches.groups.cache.byIndex(byTargetUpdating, target).map(({ metadata }) => [metadata.uid, keyOf(metadata)])),
    begunDrains: (target) => new Set(caches.groups.cache.byIndex(byTargetDraining, target).flatMap(begunDrains)),
    ownerOf: livingOwner,
    kubeRate,
    onSynced: (target) => {
      targetController.enqueue(target)
      for (const group of groupsOf(target)) retry(group)
    },
    clock,
    random,
    log,
    metrics,
  })
  const controller = <T extends TargetCluster | EksNodeGroup>(
    given: Pick<ControllerOptions<T>, 'name' | 'resource' | 'conditions'> & { readonly informer: Informer<T>; readonly reconciler: Reconciler<T> },
  ): Controller<T> => {
    const { informer, ...rest } = given
    return new Controller<T>({
      ...rest,
      client,
      events,
      concurrency,
      passTimeoutMs,
      clock,
      random,
      log,
      metrics,
      cache: informer.cache,
      waitFor: (key, resourceVersion, waiting) => informer.waitFor(key, resourceVersion, waiting),
    })
  }

  const targetReconciler = new TargetClusterReconciler(
    {
      secrets: createSecrets(client, releaseNamespace),
      connections,
      aws: (place) => aws.of(place),
      now,
      secretHolds: new SecretHolds(),
      others: {
        holders: () => [releaseHolder()],
        targets: () =>
          caches.targets.cache.list().map(({ metadata, spec, status }) => ({
            name: metadata.name,
            uid: metadata.uid,
            targetUID: status?.targetUID,
            since: metadata.creationTimestamp ?? '',
            secrets: [spec.connection.kubeconfigSecretRef?.name, status?.kubeconfigSecret].filter((secret) => secret !== undefined),
          })),
        users: (target) => groupsOf(target).map(userOf),
      },
    },
    targets,
  )
  const targetController = controller<TargetCluster>({
    name: 'targetcluster',
    resource: targetClusters,
    conditions: targetClusterKind.conditions,
    informer: caches.targets,
    reconciler: targetReconciler,
  })
  const groupReconciler = new EksNodeGroupReconciler({
    targets,
    sizes: createSizeWriter(client),
    surroundings: {
      now,
      within: (ms, outer) => startDeadline(clock, ms, [outer], () => new Error(`no answer within ${ms} ms`)),
      newToken: () => random.id(),
      managementCluster,
      holders: (target) => [targetHolder(target, caches.targets.cache.get(target)), releaseHolder()],
      askHolders: createLiveHolders({ client, releaseNamespace, clock }),
      askObject: createLiveObject(client),
      livingOwner,
      groupsWithRole: (target) =>
        caches.groups.cache
          .byIndex(byTarget, target)
          .map(withRole)
          .filter((group) => group !== undefined),
    },
  })
  const groupController = controller<EksNodeGroup>({
    name: 'eksnodegroup',
    resource: eksNodeGroups,
    conditions: eksNodeGroupKind.conditions,
    informer: caches.groups,
    reconciler: groupReconciler,
  })
  const sweep = new CountsSweep({
    targets: () =>
      caches.targets.cache.list().flatMap(({ metadata: { name } }) => {
        const found = groupsOf(name).length === 0 ? undefined : targets.find(name, 'CleanUp')
        return found?.state === 'ready' ? [{ name, clusterName: found.target.clusterName, scalingGroups: found.target.aws.scalingGroups }] : []
      }),
    changed: (target, names) => {
      for (const group of groupsOf(target)) if (standsOn(group, names)) retry(group)
    },
    clock,
    log,
  })

  /** A group came or went. Whether its target may be deleted goes by `status.usedBy`: where that has to change the target is looked at, though it is stalled. */
  const tellTarget = ({ spec }: EksNodeGroup): void => {
    const { name } = spec.targetClusterRef
    const shown = caches.targets.cache.get(name)?.status?.usedBy
    const users = groupsOf(name).map(({ metadata }) => keyOf(metadata))
    if (shownUser(shown, users) === shown) targetController.enqueue(name)
    else targetController.retryStalled(name)
  }

  const watch = (): (() => void)[] => [
    caches.targets.addHandler({
      added: ({ metadata }) => targetController.enqueue(metadata.name),
      updated: (target, before) => {
        if (target.metadata.uid !== before.metadata.uid) targetReconciler.release(before.metadata)
        targetController.enqueue(target.metadata.name)
        const groups = groupsOf(target.metadata.name)
        tellOfTarget([target, before], groups, random, retry)
        if (holdMatters(target, before)) interrupt(groups)
      },
      deleted: ({ metadata }) => {
        targetReconciler.release(metadata)
        for (const group of groupsOf(metadata.name)) retry(group)
        // One that stood back because both are the same cluster has its place now.
        for (const other of caches.targets.cache.list()) targetController.retryStalled(other.metadata.name)
      },
    }),
    caches.groups.addHandler({
      added: (group) => {
        groupController.enqueue(keyOf(group.metadata))
        tellTarget(group)
      },
      updated: (group, before) => {
        if (asksToRefresh(group, before)) groupReconciler.wishes.ask(group.metadata.uid, 'Everything')
        if (holdMatters(group, before)) interrupt([group])
        else groupController.enqueue(keyOf(group.metadata))
      },
      deleted: (group) => {
        groupReconciler.forget(group.metadata.uid)
        tellTarget(group)
      },
    }),
    caches.namespaces.addHandler({
      // Later than a group in it, where the watch of the one was back before that of the other.
      added: ({ metadata }) => {
        for (const group of groupsIn(metadata.name)) retry(group)
      },
      updated: (namespace, before) => {
        // A target may allow its groups by label.
        if (!sameJson(namespace.metadata.labels ?? {}, before.metadata.labels ?? {})) for (const group of groupsIn(namespace.metadata.name)) retry(group)
        if (namespace.metadata.name !== releaseNamespace || !holdMatters(namespace, before)) return
        interrupt(caches.groups.cache.list())
        // Also one that has stalled says whether it is frozen.
        for (const { metadata } of caches.targets.cache.list()) targetController.retryStalled(metadata.name)
      },
    }),
  ]

  return {
    run: async (signal) => {
      const unwatch = watch()
      try {
        await Promise.all([targetController.run(signal), groupController.run(signal), sweep.run(signal)])
      } finally {
        for (const stop of unwatch) stop()
        await connections.closeAll()
        await aws.close()
      }
    },
  }
}

/** Pods of a drain end in bursts; one pass over the group takes in what ended within this time, and no drain waits longer for it. */
const drainDelayMs = 75

/** Where a group is stalled a look at its Nodes asks AWS again for what it refused: as seldom as a target is looked at. */
const stalledLookMs = 30_000

/** Nodes come and go in bursts; their count in a TargetCluster's status may be this old. */
const nodeCountDelayMs = 2_000
