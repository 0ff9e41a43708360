import type { JsonPatchOperation } from '../kube/client.ts'
import { KubeError, isKubeError } from '../kube/kube-error.ts'
import type { Node, Taint } from '../kube/objects.ts'
import type { RawPod } from '../kube/pod-summary.ts'
import { projectPod } from '../kube/projections.ts'
import type { Attachment, DrainApi, DrainCache } from './ports.ts'
import type { NodeRef } from './request.ts'

/** As the API server says it; `pods` is about the pod itself. */
export function notFound(kind: string, name: string): KubeError {
  return new KubeError(404, 'NotFound', `${kind} "${name}" not found`, { details: { kind, name } })
}

/** One node and its pods in memory, for what a real cluster does not do when it is told to: losing answers, failing now and then. */
export class TestCluster {
  readonly ref: NodeRef = { name: 'n', uid: 'u', instanceId: 'i-1' }
  readonly pods = new Map<string, RawPod>()
  /** Every call that changed something, as `evict a`. */
  readonly done: string[] = []
  /** Pods that whoever evicts was told of that they go, or are gone. A new process knows none: `clear` it. */
  readonly told = new Set<string>()
  /** Evictions for nothing: of pods that were `told`. */
  readonly again: string[] = []
  /** What a cache that lags shows; absent where it shows the pods that are there. */
  shown: readonly RawPod[] | undefined
  attached: readonly Attachment[] = []
  #shownNode: Node | undefined
  /** What the server says of who wrote the Node last. */
  managedFields: readonly { readonly manager: string; readonly time?: string }[] = []
  /** Throws what a call shall fail with. `before`: nothing has happened; `after`: it has, and the answer is lost. */
  fault: (call: string, when: 'before' | 'after') => void = () => undefined
  #taints: Taint[] = []
  #labels: Record<string, string> = {}
  #version = 1

  addPod(name: string, over: { readonly metadata?: object; readonly spec?: object; readonly status?: object } = {}): void {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'rs', controller: true }]
    const metadata = {
      namespace: 'team',
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-11-21T05:00:00Z',
      ownerReferences,
      ...over.metadata,
    }
    this.pods.set(name, { metadata, spec: { nodeName: 'n', ...over.spec }, status: { phase: 'Running', ...over.status } })
  }

  /** From now on the cache shows the Node as it is now. */
  freezeNode(): void {
    this.#shownNode = this.#node()
  }

  get isMarked(): boolean {
    return this.#taints.some(({ key }) => key.startsWith('tidegate.io/'))
  }

  get cache(): DrainCache {
    return {
      node: () => this.#shownNode ?? this.#node(),
      markedNodes: () => (this.isMarked ? [this.#node()] : []),
      podsOn: () => (this.shown ?? [...this.pods.values()]).map(projectPod),
    }
  }

  get api(): DrainApi {
    const call = async <T>(name: string, act: () => T): Promise<T> => {
      await Promise.resolve()
      this.fault(name, 'before')
      const answer = act()
      this.fault(name, 'after')
      return answer
    }
    const remove = (verb: string, name: string, uid: string): void => {
      const pod = this.pods.get(name)
      if (pod === undefined) throw notFound('pods', name)
      if (pod.metadata.uid !== uid) throw new KubeError(409, 'Conflict', 'another')
      this.pods.delete(name)
      this.done.push(`${verb} ${name}`)
    }
    return {
      node: async () => await call('node', () => this.#node()),
      patchNode: async (_, operations) => await call('patch', () => this.#patch(operations)),
      podsOn: async () => await call('pods', () => [...this.pods.values()]),
      evict: async ({ name, uid }) => {
        if (this.told.has(name)) this.again.push(`evict ${name}`)
        await call('evict', () => remove('evict', name, uid)).catch((error: unknown) => {
          if (isKubeError(error, 'NotFound')) this.told.add(name)
          throw error
        })
        this.told.add(name)
      },
      deletePod: async ({ name, uid }, grace) => await call('delete', () => remove(`delete in ${grace} s`, name, uid)),
      attachments: async () => await call('attachments', () => this.attached),
      volumeOf: async () => await call('volume', () => undefined),
      mayDeletePods: async () => await call('review', () => true),
    }
  }

  #node(): Node {
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    const metadata = { name: 'n', uid: 'u', resourceVersion: String(this.#version), labels: { ...this.#labels }, managedFields: this.managedFields }
    return { metadata, spec: { providerID: 'aws:///z/i-1', taints: [...this.#taints] }, status }
  }

  /** Only what the drain sends. */
  #patch(operations: readonly JsonPatchOperation[]): Node {
    for (const { op, path, value } of operations) {
      if (op === 'test' && path === '/spec/taints' && JSON.stringify(value) !== JSON.stringify(this.#taints)) throw new KubeError(422, 'Invalid', 'test failed')
      if (op === 'test' && path === '/metadata/resourceVersion' && value !== String(this.#version)) throw new KubeError(422, 'Invalid', 'test failed')
    }
    for (const { op, path, value } of operations) {
      if (op === 'add' && path === '/spec/taints') this.#taints = value as Taint[]
      if (op === 'add' && path === '/spec/taints/-') this.#taints.push(value as Taint)
      if (op === 'remove' && path.startsWith('/spec/taints/')) this.#taints.splice(Number(path.split('/').at(-1)), 1)
      if (op === 'add' && path.startsWith('/metadata/labels/')) this.#labels[path] = String(value)
    }
    this.#version += 1
    this.done.push('patch')
    return this.#node()
  }
}
