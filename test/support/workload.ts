import type { KubeClient } from '../../src/kube/client.ts'
import { isKubeError } from '../../src/kube/kube-error.ts'
import type { KubeObject, Node } from '../../src/kube/objects.ts'
import { type Resource, resources } from '../../src/kube/resource.ts'
import { eventually } from './eventually.ts'

const { signal } = new AbortController()
const as = { fieldManager: 'team', signal }
const budgets: Resource = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true }

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string }
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** What a team runs on the nodes of a group: pods that stand where they were put, owned by something, so that they may be evicted. */
export class Workload {
  readonly #client: KubeClient
  readonly #namespace: string

  constructor(client: KubeClient, namespace: string) {
    this.#client = client
    this.#namespace = namespace
  }

  /** Starts a pod on this very node and waits until it is Ready. `more`: of its spec. */
  async run(name: string, node: Node, more: object = {}): Promise<void> {
    const { metadata: owner } = await eventually(
      async () => await this.#client.get<KubeObject>(resources.configMaps, { namespace: this.#namespace, name: 'kube-root-ca.crt' }, { signal }),
    )
    const body = {
      metadata: {
        name,
        labels: { app: name },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid, controller: true }],
      },
      spec: { nodeName: node.metadata.name, containers: [{ name: 'c', image: 'none' }], automountServiceAccountToken: false, ...more },
    }
    // A young namespace has no service account yet.
    await eventually(async () => await this.#client.create(resources.pods, body, { namespace: this.#namespace, ...as }))
    await eventually(async () => {
      const pod = await this.#client.get<Pod>(resources.pods, { namespace: this.#namespace, name }, { signal })
      if (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') !== true) throw new Error(`pod ${name} is not Ready`)
    })
  }

  /** Forbids every eviction of the pod; what comes back lifts that. */
  async guard(name: string): Promise<() => Promise<void>> {
    const body = { metadata: { name }, spec: { minAvailable: 1, selector: { matchLabels: { app: name } } } }
    await this.#client.create(budgets, body, { namespace: this.#namespace, ...as })
    return async () => {
      await this.#client.delete(budgets, { namespace: this.#namespace, name }, { signal })
    }
  }

  /** `run` and `guard`: a pod that nothing may evict until what comes back is called. */
  async runGuarded(name: string, node: Node): Promise<() => Promise<void>> {
    await this.run(name, node)
    return await this.guard(name)
  }

  /** One guarded pod on each node, `<name>-0` and so on in the order given; what comes back lifts all of that. */
  async guardAll(nodes: readonly Node[], name = 'guarded'): Promise<() => Promise<void>> {
    const lifts: (() => Promise<void>)[] = []
    const liftAll = async (): Promise<void> => {
      for (const lift of lifts) await lift()
    }
    try {
      for (const [index, node] of nodes.entries()) lifts.push(await this.runGuarded(`${name}-${index}`, node))
    } catch (error) {
      await liftAll() // nobody else can
      throw error
    }
    return liftAll
  }

  async isThere(name: string): Promise<boolean> {
    try {
      const pod = await this.#client.get<Pod>(resources.pods, { namespace: this.#namespace, name }, { signal })
      return pod.metadata.deletionTimestamp === undefined
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return false
      throw error
    }
  }
}
