import { readdirSync, readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { expect } from 'vitest'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import type { CustomObject, KubeObject } from '../../../src/kube/objects.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { Subject } from '../../support/subject.ts'
import type { Stage } from '../../support/world.ts'

const { signal } = new AbortController()
const folder = new URL('../../../examples/waiting/', import.meta.url)

const known: Readonly<Record<string, Resource>> = {
  EksNodeGroup: eksNodeGroups,
  TargetCluster: targetClusters,
  Namespace: resources.namespaces,
  Secret: resources.secrets,
}

type Document = KubeObject & { readonly kind: string }

/** A file of `examples/waiting`: its last object waits. */
export interface WaitingExample {
  readonly file: string
  readonly condition: { readonly type: string; readonly status: 'True' | 'False' | 'Unknown'; readonly reason: string }
  /** What the message contains. */
  readonly message: string
  /** What has to be so in AWS, or to have happened; a key of `givens`. */
  readonly given: string | undefined
  readonly documents: readonly Document[]
}

export const waitingExamples: readonly WaitingExample[] = readdirSync(folder).map((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const [, type, status, reason] = /^(\w+)=(True|False|Unknown)\/(\w+)$/.exec(header(text, 'condition') ?? '') ?? []
  const message = header(text, 'message')
  if (type === undefined || status === undefined || reason === undefined || message === undefined) throw new Error(`${file}: a header is missing`)
  const condition = { type, status: status as 'True', reason }
  return { file, condition, message, given: header(text, 'given'), documents: loadAll(text) as unknown as readonly Document[] }
})

function header(text: string, name: string): string | undefined {
  return new RegExp(`^# ${name}: (.*)$`, 'm').exec(text)?.[1]
}

type Given = (stage: Stage, subject: Subject<CustomObject>) => Promise<() => Promise<void>>

/** Before the object is applied, or, with `after`, once it is Ready; gives what undoes it. */
const givens: Readonly<Record<string, { readonly before?: Given; readonly after?: Given }>> = {
  'a node group of this name that somebody made in the console': { before: async (stage, subject) => await madeElsewhere(stage, subject, {}) },
  'a node group of this name that an object of another management cluster owns': {
    before: async (stage, subject) =>
      await madeElsewhere(stage, subject, {
        'tidegate.io/owner': '5b0d1c52-7a52-4d0c-9c39-0d6f0f1f2a11',
        'tidegate.io/object': 'other/held',
        'tidegate.io/cluster': 'elsewhere',
      }),
  },
  'AWS has no m6i.xlarge': { before: async ({ cloud }) => await cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'm6i.xlarge' } }) },
  'EKS makes no more node groups in this cluster': {
    before: async ({ cloud }, { key }) =>
      await cloud.fault({
        effect: 'Error',
        action: 'CreateNodegroup',
        match: { nodegroupName: key.name },
        code: 'ResourceLimitExceededException',
        message: "You've reached the limit on the number of nodegroups that can be created within the cluster.",
      }),
  },
  'another AWS service operates the Auto Scaling group': {
    after: async ({ cloud }, subject) => {
      await subject.ready()
      const lock = { order: 'LockScalingGroup', cluster: 'demo', nodegroup: subject.key.name }
      await cloud.happen({ ...lock, operator: 'ecs.amazonaws.com' })
      return async () => await cloud.happen({ ...lock, operator: null })
    },
  },
  'the subnet has no free address': {
    before: async ({ cloud }) => {
      const addresses = { order: 'SetFreeAddresses', subnetId: subnets[2] }
      await cloud.happen({ ...addresses, count: 0 })
      return async () => await cloud.happen({ ...addresses, count: 8000 })
    },
  },
  'a minimum that somebody raises past the number': {
    after: async (_stage, subject) => {
      await subject.ready()
      await subject.patch({ op: 'replace', path: '/spec/scaling/minSize', value: 2 })
      return async () => await Promise.resolve()
    },
  },
  'a deletion while a node runs': {
    after: async (_stage, subject) => {
      await subject.ready()
      await subject.deleteUnguarded()
      return async () => await Promise.resolve()
    },
  },
}

async function madeElsewhere({ cloud }: Stage, { key }: Subject<CustomObject>, tags: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  const { nodeGroups } = cloud.console
  const creation = { name: key.name, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling: { minSize: 0, maxSize: 3, desiredSize: 0 }, tags }
  await nodeGroups.create('demo', creation, { token: key.name, signal })
  await eventually(async () => expect((await cloud.needGroup(key.name)).status).toBe('ACTIVE'))
  return async () => {
    await nodeGroups.delete('demo', key.name, { signal })
    await eventually(async () => expect(await cloud.group(key.name)).toBeUndefined())
  }
}

/** An example that has been brought to where it waits. */
export interface Waiting {
  readonly subject: Subject<CustomObject>
  /** Takes everything of it away again; namespaces stay. */
  readonly end: () => Promise<void>
}

/** Applies an example and waits until it waits as its headers say. */
export async function bring(stage: Stage, { documents, condition, message, given }: WaitingExample): Promise<Waiting> {
  const subjects = documents.map((document) => subjectOf(stage, document))
  const subject = subjects.at(-1)
  if (subject === undefined) throw new Error('the file holds no object')
  const preparation = given === undefined ? {} : givens[given]
  if (preparation === undefined) throw new Error(`nobody knows how to make this true: ${given ?? ''}`)
  const undo: ((() => Promise<void>) | undefined)[] = []
  let unlock: (() => Promise<void>) | undefined
  const end = async (): Promise<void> => {
    // what happened to it after it was made may keep it from being deleted
    await unlock?.()
    for (const one of subjects.toReversed()) await remove(one)
    for (const take of undo) await take?.()
  }
  try {
    undo.push(await preparation.before?.(stage, subject))
    for (const document of documents) {
      const { key, resource } = subjectOf(stage, document)
      // Of two for one cluster the older has it, and creation times have whole seconds.
      if (resource === targetClusters && subjects.some((one) => one !== subject && one.resource === targetClusters && one.key.name !== key.name))
        await systemClock.sleep(1_100)
      await stage.client.apply(resource, key, document, { fieldManager: 'git', force: true, signal })
    }
    unlock = await preparation.after?.(stage, subject)
    await subject.condition(condition.type, { ...condition, says: [message] })
  } catch (error) {
    // the next example needs the cluster
    await end()
    throw error
  }
  return { subject, end }
}

async function remove(subject: Subject<CustomObject>): Promise<void> {
  if (subject.resource === resources.namespaces) return
  const object = await subject.find()
  if (object === undefined) return
  if ((object.spec as { readonly suspend?: boolean } | undefined)?.suspend === true) await subject.patch({ op: 'replace', path: '/spec/suspend', value: false })
  await subject.deleteConfirmed()
  await subject.gone()
}

function subjectOf({ client }: Stage, document: Document): Subject<CustomObject> {
  const { name, namespace } = document.metadata
  return new Subject(client, resourceOf(document), { name, ...(namespace === undefined ? {} : { namespace }) })
}

function resourceOf({ kind }: Document): Resource {
  const resource = known[kind]
  if (resource === undefined) throw new Error(`no resource for kind ${kind}`)
  return resource
}
