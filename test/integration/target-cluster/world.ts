import { readFile } from 'node:fs/promises'
import { test as base } from 'vitest'
import { type EksNodeGroup, eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { type TargetCluster, targetClusters } from '../../../src/crds/target-cluster.ts'
import { resources } from '../../../src/kube/resource.ts'
import { type GroupSpec, anEksNodeGroup } from '../../support/builders.ts'
import type { FaultProxy } from '../../support/fault-proxy.ts'
import { type OperatorSetup, runOperator } from '../../support/operator.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { release } from '../../support/release.ts'
import type { Subject } from '../../support/subject.ts'
import { type Stage, openStage, operatorSpeed } from '../../support/world.ts'

const { signal } = new AbortController()

export interface TargetStage extends Stage {
  /** Writes (or rewrites) a Secret in the operator's namespace. */
  writeSecret(name: string, data: Readonly<Record<string, string>>): Promise<void>
}

/** Opens a namespace of the target's name and applies a group of the target there, whose name in EKS begins with the target's. */
export async function firstGroupOf(stage: Stage, target: string, spec: GroupSpec = {}): Promise<Subject<EksNodeGroup>> {
  await stage.openNamespace(target)
  return await groupOf(stage, target, { ...spec, name: 'workers' })
}

/** As `firstGroupOf`, in the namespace that it opened; applies the group again where it is there. */
export async function groupOf(stage: Stage, target: string, { name, ...spec }: GroupSpec & { readonly name: string }): Promise<Subject<EksNodeGroup>> {
  const group = stage.group(target, name)
  await group.apply(anEksNodeGroup({ targetClusterRef: { name: target }, nodeGroupName: `${target}-${name}`, ...spec }))
  return group
}

/** The kubeconfig at `path`, by way of the proxy. */
export async function kubeconfigBy(proxy: FaultProxy, path: string): Promise<string> {
  const { server } = proxy.access
  const kubeconfig = JSON.parse(await readFile(path, 'utf8')) as { readonly clusters: readonly { readonly name: string }[] }
  return JSON.stringify({ ...kubeconfig, clusters: kubeconfig.clusters.map(({ name }) => ({ name, cluster: { server: server.href } })) })
}

/**
 * What a test that failed left behind goes, so that the next one of the file fails of nothing but itself: a cluster has one TargetCluster, and a fault of
 * DescribeCluster holds for all of them.
 */
async function tidy(stage: Stage): Promise<void> {
  await stage.cloud.healAll()
  const { items: groups } = await stage.client.list<EksNodeGroup>(eksNodeGroups, { signal })
  for (const namespace of new Set(groups.map(({ metadata }) => metadata.namespace ?? ''))) await release(stage.client, namespace)
  const { items: targets } = await stage.client.list<TargetCluster>(targetClusters, { signal })
  for (const { metadata } of targets) await stage.target(metadata.name).clear()
}

/** A stage without any TargetCluster, and an operator with the keys of the account that a test wants. */
export function stageWith(setup: Pick<OperatorSetup, 'accountId'> = {}) {
  return base.extend<{ readonly stage: TargetStage; readonly tidied: undefined }>({
    stage: [
      async ({}, use) => {
        const stage = await openStage('target')
        const operator = await runOperator({
          access: stage.plane.identities.operator,
          cloudUrl: stage.cloud.url,
          clock: fastClock(operatorSpeed),
          ...setup,
        })
        await use({
          ...stage,
          writeSecret: async (name, data) => {
            const namespace = 'tidegate-system'
            const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: data }
            await stage.client.apply(resources.secrets, { namespace, name }, body, { fieldManager: 'test', force: true, signal })
          },
        })
        await operator.stop()
        await stage.close()
      },
      { scope: 'file' },
    ],
    tidied: [
      async ({ stage, onTestFailed }, use) => {
        onTestFailed(async () => await tidy(stage))
        await use(undefined)
      },
      { auto: true },
    ],
  })
}
