import { readdirSync, readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { targetClusters } from '../../../src/crds/target-cluster.ts'
import type { CustomObject, KubeObject } from '../../../src/kube/objects.ts'
import { type Resource, resources } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { ReasonPair } from '../../support/reason-exceptions.ts'
import { Subject } from '../../support/subject.ts'
import type { Stage } from '../../support/world.ts'
import { givens } from './givens.ts'

const { signal } = new AbortController()
const folder = new URL('../../../examples/waiting/', import.meta.url)

const known: Readonly<Record<string, Resource>> = {
  EksNodeGroup: eksNodeGroups,
  TargetCluster: targetClusters,
  Namespace: resources.namespaces,
  Secret: resources.secrets,
}

type Document = KubeObject & { readonly kind: string }

interface Waits {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
}

/** A file of `examples/waiting`: its last object waits. */
export interface WaitingExample {
  readonly file: string
  readonly condition: Waits
  /** What says the same wait beside it. */
  readonly also: readonly Waits[]
  /** What the message contains. */
  readonly message: string
  /** What has to be so in AWS, or to have happened; a key of `givens`. */
  readonly given: string | undefined
  readonly documents: readonly Document[]
}

export const waitingExamples: readonly WaitingExample[] = readdirSync(folder).map((file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const [condition] = headers(text, 'condition').map(waits)
  const [message] = headers(text, 'message')
  const [given] = headers(text, 'given')
  if (condition === undefined || message === undefined) throw new Error(`${file}: a header is missing`)
  return { file, condition, also: headers(text, 'also').map(waits), message, given, documents: loadAll(text) as unknown as readonly Document[] }
})

function headers(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^# ${name}: (.*)$`, 'gm'))].map(([, value = '']) => value)
}

/** `Stalled=True/AccessDenied` */
function waits(text: string): Waits {
  const [, type, status, reason] = /^(\w+)=(True|False|Unknown)\/(\w+)$/.exec(text) ?? []
  if (type === undefined || status === undefined || reason === undefined) throw new Error(`${text} is no condition with its status and reason`)
  return { type, status: status as Waits['status'], reason }
}

/** `EksNodeGroup Stalled AccessDenied`: everything that an example shows. */
export function pairsOf({ documents, condition, also }: WaitingExample): readonly ReasonPair[] {
  return [condition, ...also].map(({ type, reason }): ReasonPair => `${documents.at(-1)?.kind ?? ''} ${type} ${reason}`)
}

/** An example that is on its way to where it waits. */
export interface Waiting {
  readonly subject: Subject<CustomObject>
  /** Until it waits as its headers say. */
  readonly arrived: () => Promise<void>
  /** Takes everything of it away again; namespaces stay. */
  readonly end: () => Promise<void>
}

/** Applies an example and lets happen what is given. */
export async function bring(stage: Stage, { documents, condition, also, message, given }: WaitingExample): Promise<Waiting> {
  const subjects = documents.map((document) => subjectOf(stage, document))
  const subject = subjects.at(-1)
  if (subject === undefined) throw new Error('the file holds no object')
  const preparation = given === undefined ? {} : givens[given]
  if (preparation === undefined) throw new Error(`nobody knows how to make this true: ${given ?? ''}`)
  const undo: ((() => Promise<void>) | undefined)[] = []
  let unlock: (() => Promise<void>) | undefined
  const end = async (): Promise<void> => {
    // what happened to it after it was made may keep it from being deleted
    const steps = [unlock, ...subjects.toReversed().map((one) => async () => await remove(one)), ...undo]
    const failures: unknown[] = []
    // Each for itself: what is left there would fail all examples that follow.
    for (const step of steps) await step?.().catch((error: unknown) => void failures.push(error))
    if (failures.length > 0) throw failures[0]
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
  } catch (error) {
    // The next example needs the cluster; where that fails too, what failed first is the news.
    await end().catch(() => undefined)
    throw error
  }
  const arrived = async (): Promise<void> => {
    await subject.condition(condition.type, { ...condition, says: [message] })
    for (const beside of also) await subject.condition(beside.type, beside)
  }
  return { subject, arrived, end }
}

async function remove(subject: Subject<CustomObject>): Promise<void> {
  if (subject.resource === resources.namespaces) return
  const object = await subject.find()
  if (object === undefined) return
  if ((object.spec as { readonly suspend?: boolean } | undefined)?.suspend === true) await subject.patch({ op: 'replace', path: '/spec/suspend', value: false })
  await subject.clear()
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
