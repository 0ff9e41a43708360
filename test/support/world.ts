import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, test as base } from 'vitest'
import { type EksNodeGroup, eksNodeGroups } from '../../src/crds/eks-node-group.ts'
import { type TargetCluster, targetClusters } from '../../src/crds/target-cluster.ts'
import type { CustomObject, KubeObject, Node } from '../../src/kube/objects.ts'
import { resources } from '../../src/kube/resource.ts'
import type { RestClient } from '../../src/kube/rest.ts'
import { type ControlPlane, startControlPlane } from '../../src/local/control-plane.ts'
import type { Scenario } from '../../src/simulator/scenario/scenario.ts'
import { type GroupSpec, type TargetSpec, aTargetCluster, allowedLabel, anEksNodeGroup } from './builders.ts'
import { testAuditPolicy } from './audit.ts'
import { sharedAssets } from './control-plane-own.ts'
import type { EksAuthenticator } from './eks-authenticator.ts'
import { eventually } from './eventually.ts'
import { fastClock } from './fast-clock.ts'
import { clientAs, installProduct, kubectl } from './identities.ts'
import { runOperator } from './operator.ts'
import { release } from './release.ts'
import { collectReasons } from './seen-reasons.ts'
import { Cloud } from './simulator.ts'
import { Subject } from './subject.ts'

const { signal } = new AbortController()

interface Event extends KubeObject {
  readonly reason: string
  readonly note: string
  readonly regarding: { readonly name: string }
}

/** How much faster than real time the operator's clock runs; the cloud's runs sixty times as fast as the operator's. */
export const operatorSpeed = 5

/** A plane with the product installed and a simulated AWS, and no operator yet. */
export interface Stage {
  readonly plane: ControlPlane
  readonly cloud: Cloud
  /** As the administrator. */
  readonly client: RestClient
  /** With the rights that the operator has: what orders write is written by it. */
  readonly asOperator: RestClient
  /** A namespace that may use `demo`. */
  openNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>
  group(namespace: string, name: string): Subject<EksNodeGroup>
  target(name: string): Subject<TargetCluster>
  /** The Nodes of a group, by EKS' label. */
  nodesOf(group: string): Promise<readonly Node[]>
  kubectl(...args: readonly string[]): Promise<string>
  /** The notes of the Events with this reason about an object, once there is one: they are told after the fact. */
  events(subject: Subject<CustomObject>, reason: string): Promise<readonly string[]>
  /** Fails when an operator said a reason that is not registered. */
  close(): Promise<void>
}

interface StageOptions {
  readonly cloudSpeed?: number
  readonly scenario?: Scenario
  readonly authenticator?: EksAuthenticator
  /** That a cluster may have; default EKS' own quota. */
  readonly nodeGroups?: number
}

/** `name`: unique in the run; a prefix in the shared etcd. */
export async function openStage(name: string, options: StageOptions = {}): Promise<Stage> {
  const etcd = { url: inject('controlPlane').etcdUrl, prefix: `/${name}-${process.pid}` }
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-stage-'))
  const policy = join(folder, 'audit-policy.yaml')
  await writeFile(policy, testAuditPolicy)
  const apiserver = [`--audit-policy-file=${policy}`]
  const { authenticator } = options
  if (authenticator !== undefined) {
    const webhook = join(folder, 'webhook.json')
    await writeFile(webhook, authenticator.webhookConfig)
    apiserver.push(`--authentication-token-webhook-config-file=${webhook}`, '--authentication-token-webhook-version=v1')
    apiserver.push('--authentication-token-webhook-cache-ttl=1s') // an access entry counts at once; 0 would keep answers for ever
  }
  const flags = { apiserver }
  const plane = await startControlPlane({ assets: sharedAssets(), etcd, parts: ['controller-manager', 'kwok'], flags })
  await installProduct(plane)
  const { client, close } = await clientAs(plane, 'admin')
  const operator = await clientAs(plane, 'operator')
  const { cloudSpeed = operatorSpeed * 60, scenario, nodeGroups } = options
  const cloud = await Cloud.start({ speed: cloudSpeed, kube: client, scenario, nodeGroups })
  if (authenticator !== undefined) authenticator.stsUrl = cloud.url
  const stage: Stage = {
    plane,
    cloud,
    client,
    asOperator: operator.client,
    openNamespace: async (namespace, labels = allowedLabel) => {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } }
      await client.create(resources.namespaces, body, { fieldManager: 'test', signal })
    },
    group: (namespace, group) => new Subject<EksNodeGroup>(client, eksNodeGroups, { namespace, name: group }),
    target: (target) => new Subject<TargetCluster>(client, targetClusters, { name: target }),
    nodesOf: async (group) => (await client.list<Node>(resources.nodes, { labelSelector: `eks.amazonaws.com/nodegroup=${group}`, signal })).items,
    events: async ({ key }, reason) => {
      const namespace = key.namespace ?? 'default'
      return await eventually(async () => {
        const { items } = await client.list<Event>(resources.events, { namespace, signal })
        const notes = items.filter((event) => event.reason === reason && event.regarding.name === key.name).map(({ note }) => note)
        if (notes.length === 0) throw new Error(`no Event ${reason} about ${key.name}`)
        return notes
      })
    },
    kubectl: async (...args) => await kubectl(plane, 'admin', ...args),
    close: async () => {
      await cloud.close()
      await close()
      await operator.close()
      try {
        await collectReasons(plane.auditLog)
      } finally {
        await plane.stop()
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
  return stage
}

/** One test's own corner of the file's world: a namespace, and group names that begin with its name. */
export interface Place extends Stage {
  readonly namespace: string
  /** Name in EKS of this test's group `name`. */
  inEks(name?: string): string
  /** Applies a group; without a name it is `workers`. */
  have(spec?: GroupSpec, name?: string): Promise<Subject<EksNodeGroup>>
  haveTarget(name: string, spec?: TargetSpec): Promise<Subject<TargetCluster>>
  /** This group stays in EKS after the test's objects are gone; the person in the console then removes it. */
  leaves(name?: string): void
}

let places = 0

async function openPlace(stage: Stage): Promise<{ readonly place: Place; readonly close: () => Promise<void> }> {
  places += 1
  const namespace = `t${places}`
  await stage.openNamespace(namespace)
  const left: string[] = []
  const targets: Subject<TargetCluster>[] = []
  const inEks = (name = 'workers'): string => `${namespace}-${name}`
  const place: Place = {
    ...stage,
    namespace,
    inEks,
    have: async (spec = {}, name = 'workers') => {
      const subject = stage.group(namespace, name)
      await subject.apply(anEksNodeGroup({ nodeGroupName: inEks(name), ...spec }))
      return subject
    },
    haveTarget: async (name, spec = {}) => {
      const subject = stage.target(name)
      targets.push(subject)
      await subject.apply(aTargetCluster(spec))
      return subject
    },
    leaves: (name = 'workers') => void left.push(inEks(name)),
  }
  const close = async (): Promise<void> => {
    await release(stage.client, namespace)
    for (const target of targets) await target.clear()
    for (const name of left) await stage.cloud.console.nodeGroups.delete('demo', name, { signal })
    const stays = (await stage.cloud.groups()).filter(({ name }) => name.startsWith(`${namespace}-`) && !left.includes(name))
    if (stays.length > 0) throw new Error(`still in EKS: ${stays.map(({ name, status }) => `${name} (${status})`).join(', ')}`)
  }
  return { place, close }
}

interface WorldFixtures {
  readonly stage: Stage
  readonly place: Place
}

function worldAt(speed: number) {
  return base.extend<WorldFixtures>({
    stage: [
      async ({}, use) => {
        const stage = await openStage('world')
        await stage.target('demo').apply(aTargetCluster())
        const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(speed) })
        await stage.target('demo').ready()
        await use(stage)
        await operator.stop()
        await stage.close()
      },
      { scope: 'file' },
    ],
    place: async ({ stage }, use) => {
      const { place, close } = await openPlace(stage)
      await use(place)
      await close()
    },
  })
}

/** A file's world is one stage and one operator; each test gets a place in it, which is released at its end. */
export const test = worldAt(operatorSpeed)

/** The same with a slower operator, for what it gives a few seconds of its own time to: at the usual speed they are over before a busy machine has moved. */
export const slowTest = worldAt(2)
