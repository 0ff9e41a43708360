import { readFile } from 'node:fs/promises'
import { expect, test as plain } from 'vitest'
import { type TargetCluster, targetClusterKind } from '../../../src/crds/target-cluster.ts'
import { type TargetSpec, aTargetCluster, anEksNodeGroup, nodeRole } from '../../support/builders.ts'
import { inDays, weekdayOf } from '../../support/days.ts'
import { region } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { type TargetStage, stageWith } from '../target-cluster/world.ts'
import { answered, leavesOf } from './leaves.ts'

const test = stageWith()

type Seen = (target: Subject<TargetCluster>, stage: TargetStage) => Promise<unknown>

/** What a change of one field must lead to: a refusal in these words, or what `seen` waits for. */
interface Entry {
  readonly from?: TargetSpec
  /** Holds before the change; default: the target is Ready. */
  readonly first?: Seen
  readonly to: TargetSpec
  readonly refused?: string
  readonly seen?: Seen
}

const bySecret = (name: string, key = 'kubeconfig', context?: string): TargetSpec =>
  aTargetCluster({ connection: { kubeconfigSecretRef: { name, key, context } } })

const stalled =
  (reason: string, ...says: string[]): Seen =>
  async (target) =>
    await target.condition('Stalled', { status: 'True', reason, says })

const groupIs =
  (reason: string | undefined): Seen =>
  async (_target, stage) => {
    const group = stage.group('leaves', 'workers')
    if (reason === undefined) return await group.ready()
    return await group.condition('Ready', { status: 'False', reason })
  }

async function sized(stage: TargetStage, { key: { name } }: Subject<TargetCluster>, desiredSize: number): Promise<void> {
  await stage.group('leaves', 'workers').apply(anEksNodeGroup({ targetClusterRef: { name }, scaling: { sizeOwner: 'Spec', desiredSize } }))
}

function dayAfterTomorrow(): string {
  return weekdayOf(inDays(2))
}

const nobody: TargetSpec = aTargetCluster({ allow: { namespaces: {}, passRoleArns: [nodeRole] } })
const ready: Seen = async (target) => await target.ready()

const entries: Readonly<Record<string, Entry>> = {
  'connection.inCluster': { from: bySecret('absent'), first: stalled('SecretNotFound'), to: aTargetCluster(), seen: ready },
  'connection.kubeconfigSecretRef.name': {
    from: bySecret('absent'),
    first: stalled('SecretNotFound', 'absent'),
    to: bySecret('other'),
    seen: stalled('SecretNotFound', 'other'),
  },
  'connection.kubeconfigSecretRef.key': { from: bySecret('own'), to: bySecret('own', 'other'), seen: stalled('SecretNotFound', 'key other') },
  'connection.kubeconfigSecretRef.context': {
    from: bySecret('own'),
    to: bySecret('own', 'kubeconfig', 'elsewhere'),
    seen: stalled('KubeconfigInvalid', 'elsewhere'),
  },
  // The address that EKS tells here is that of no API server.
  'connection.eksToken': {
    to: aTargetCluster({ connection: { eksToken: {} } }),
    seen: async (target) => await target.condition('KubernetesReachable', { status: 'False', reason: 'ClusterUnreachable' }),
  },
  'aws.roleArn': {
    to: aTargetCluster({ aws: { region, roleArn: 'arn:aws:iam::111122223333:role/tidegate/absent' } }),
    seen: async (target, stage) => {
      await stalled('RoleNotAssumed', 'role/tidegate/absent')(target, stage)
      // Nothing is asked for a group as a role of which nobody knows yet whether it leads to the same cluster.
      const group = stage.group('leaves', 'workers')
      await group.condition('Provisioned', { status: 'False', reason: 'TargetNotReady', says: ['role/tidegate/absent'] })
    },
  },
  'aws.region': { to: aTargetCluster({ aws: { region: 'eu-central-1' } }), refused: 'region' },
  'aws.accountId': { to: aTargetCluster({ aws: { region, accountId: '999988887777' } }), seen: stalled('WrongAccount', '999988887777') },
  eksClusterName: { to: aTargetCluster({ eksClusterName: 'waking' }), refused: 'eksClusterName' },
  'allow.namespaces.names': {
    from: nobody,
    first: groupIs('NotAllowedInNamespace'),
    to: aTargetCluster({ allow: { namespaces: { names: ['leaves'] }, passRoleArns: [nodeRole] } }),
    seen: groupIs(undefined),
  },
  'allow.namespaces.selector.matchLabels': { from: nobody, first: groupIs('NotAllowedInNamespace'), to: aTargetCluster(), seen: groupIs(undefined) },
  'allow.passRoleArns': {
    to: aTargetCluster({ allow: { ...aTargetCluster().allow, passRoleArns: [] } }),
    seen: groupIs('RoleNotAllowed'),
  },
  timeZone: { to: aTargetCluster({ timeZone: 'Europe/Atlantis' }), seen: stalled('InvalidTimeZone', 'Europe/Atlantis') },
  discovery: {
    first: async (target) => await target.until(({ status }) => expect(status?.groups).toHaveLength(1)),
    to: aTargetCluster({ discovery: 'None' }),
    seen: async (target) => await target.until(({ status }) => expect(status?.groups).toBeUndefined()),
  },
  prices: {
    to: aTargetCluster({ prices: [{ instanceType: 'm6i.large', hourly: '0.1', currency: 'EUR' }] }),
    seen: async (_target, stage) =>
      await stage.group('leaves', 'workers').until(({ status }) => expect(status?.cost).toMatchObject({ basis: 'Override', currency: 'EUR' })),
  },
  windows: {
    first: async (target, stage) => {
      await target.ready()
      await sized(stage, target, 1)
      await stage.group('leaves', 'workers').ready()
    },
    to: aTargetCluster({ windows: [{ days: [dayAfterTomorrow()], start: '02:00', end: '03:00' }] } as never),
    seen: async (target, stage) => {
      const group = stage.group('leaves', 'workers')
      await sized(stage, target, 0)
      await group.condition('InSync', { status: 'False', reason: 'WaitingForWindow', says: ['T02:00:00Z'] })
      await target.apply(aTargetCluster())
      await group.until(({ status }) => expect(status?.nodes?.running).toBe(0))
    },
  },
  suspend: {
    to: aTargetCluster({ suspend: true }),
    seen: async (_target, stage) => await stage.group('leaves', 'workers').condition('Paused', { status: 'True', says: ['TargetCluster'] }),
  },
}

/** Fields whose change needs more than one cluster and one group to be seen; what it does, and where that is tested. */
const elsewhere: Readonly<Record<string, string>> = {
  'aws.externalId': 'sent whenever the role is assumed: test/integration/target-cluster/eks-token.test.ts',
  'budget.maxConcurrentDrains':
    'drains beyond it wait (WaitingForDrain): src/controllers/target-cluster/reconciler.test.ts hands it on, test/integration/drain keeps it',
  'budget.evictionsPerSecond': 'evictions beyond it wait: src/controllers/target-cluster/reconciler.test.ts hands it on, test/integration/drain keeps it',
}

plain('every field of the spec has an entry here, or a place where it is tested', () => {
  expect([...Object.keys(entries), ...Object.keys(elsewhere)].toSorted()).toEqual(leavesOf(targetClusterKind).toSorted())
})

// One after the other: there is one cluster, and one target may stand for it.
test('a change of any field is refused at apply, or seen', { timeout: 240_000 }, async ({ stage }) => {
  await stage.openNamespace('leaves')
  await stage.writeSecret('own', { kubeconfig: await readFile(stage.plane.identities.admin, 'utf8') })
  const unheard: string[] = []
  for (const [leaf, { from = aTargetCluster(), first = ready, to, refused, seen }] of Object.entries(entries)) {
    const name = leaf.toLowerCase().replaceAll('.', '-')
    const target = stage.target(name)
    const group = stage.group('leaves', 'workers')
    await target.apply(from)
    await group.apply(anEksNodeGroup({ targetClusterRef: { name } }))
    try {
      await first(target, stage)
      const change = target.apply(to)
      await answered(change, refused)
      await seen?.(target, stage)
    } catch (error) {
      unheard.push(`${leaf}: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (to.suspend === true) await target.apply(from)
    await group.annotate({ abandon: (await group.read()).metadata.uid })
    await group.delete()
    await group.gone()
    await target.end()
    if ((await stage.cloud.group('workers')) !== undefined) await stage.cloud.happen({ order: 'DeleteNodegroup', cluster: 'demo', nodegroup: 'workers' })
  }
  expect(unheard).toEqual([])
})
