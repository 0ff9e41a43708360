import { connect, type Connection } from '../../../src/kube/connection.ts'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { collectionPath, objectPath, queryOf } from '../../../src/kube/paths.ts'
import { type ObjectKey, type Resource, resources } from '../../../src/kube/resource.ts'

export interface Answer {
  readonly status: number
  /** `message` of the Status, or the whole body. */
  readonly message: string
  readonly body: {
    readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string; readonly deletionTimestamp?: string }
    readonly spec?: unknown
    readonly status?: unknown
  }
}

export interface Document {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

type Mode = { readonly dryRun?: true }

/** The API server as `kubectl` and Argo CD speak to it, with dry runs, which the operator never needs. */
export class Api {
  readonly #connection: Connection

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  static async open(kubeconfig: string): Promise<Api> {
    return new Api(connect(await loadKubeConfig({ path: kubeconfig })))
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  async get(resource: Resource, key: ObjectKey): Promise<Answer> {
    return await this.#send('GET', objectPath(resource, key))
  }

  /** What the first `kubectl apply` of an object does. */
  async create(resource: Resource, document: Document, mode: Mode = {}): Promise<Answer> {
    const path = collectionPath(resource, document.metadata.namespace) + query(mode)
    return await this.#send('POST', path, document)
  }

  /** What `kubectl replace` does. */
  async replace(resource: Resource, document: Document, mode: Mode = {}): Promise<Answer> {
    return await this.#send('PUT', objectPath(resource, document.metadata) + query(mode), document)
  }

  /** What Argo CD and `kubectl apply --server-side` do. */
  async apply(resource: Resource, document: Document, mode: Mode & { readonly subresource?: 'status'; readonly fieldManager?: string } = {}): Promise<Answer> {
    const path = objectPath(resource, document.metadata, mode.subresource) + query(mode, { fieldManager: mode.fieldManager ?? 'examples', force: true })
    return await this.#send('PATCH', path, document, 'application/apply-patch+yaml')
  }

  /** What `kubectl annotate` and `kubectl patch --type=merge` do. */
  async patch(resource: Resource, key: ObjectKey, change: object, mode: Mode = {}): Promise<Answer> {
    return await this.#send('PATCH', objectPath(resource, key) + query(mode), change, 'application/merge-patch+json')
  }

  async delete(resource: Resource, { metadata }: { readonly metadata: ObjectKey }, mode: Mode = {}): Promise<Answer> {
    const options = { kind: 'DeleteOptions', apiVersion: 'v1', ...(mode.dryRun === true ? { dryRun: ['All'] } : {}) }
    return await this.#send('DELETE', objectPath(resource, metadata), options)
  }

  async deleteNamespace(name: string): Promise<void> {
    await this.delete(resources.namespaces, { metadata: { name } })
  }

  /** What `kubectl scale` does. */
  async scale(resource: Resource, key: ObjectKey, replicas: number): Promise<Answer> {
    return await this.#send('PATCH', objectPath(resource, key, 'scale'), { spec: { replicas } }, 'application/merge-patch+json')
  }

  async #send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object, contentType = 'application/json'): Promise<Answer> {
    const headers: Record<string, string | string[]> = { accept: 'application/json', 'content-type': contentType }
    for (const [name, value] of Object.entries(await this.#connection.headers())) headers[name] = typeof value === 'string' ? value : [...value]
    const { origin } = this.#connection.server
    const answer = await this.#connection.requests.request({ origin, path, method, headers, body: body === undefined ? null : JSON.stringify(body) })
    const text = await answer.body.text()
    const parsed = JSON.parse(text) as Answer['body'] & { readonly message?: string }
    return { status: answer.statusCode, message: parsed.message ?? text, body: parsed }
  }
}

/** Fails with the server's words unless the answer has one of these status codes. */
export function demand(answer: Answer, ...statuses: readonly number[]): void {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status}: ${answer.message}`)
}

function query(mode: Mode, more: Readonly<Record<string, string | boolean>> = {}): string {
  return queryOf({ fieldValidation: 'Strict', dryRun: mode.dryRun === true ? 'All' : undefined, ...more })
}
