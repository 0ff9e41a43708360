import type { JsonPatchOperation, KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { CustomObject } from '../kube/objects.ts'
import { keyOf, type ObjectKey, type Resource } from '../kube/resource.ts'

interface Call {
  readonly verb: 'get' | 'create' | 'replace' | 'apply' | 'jsonPatch'
  readonly plural: string
  readonly key: string
  readonly body?: unknown
  readonly signal: AbortSignal
}

/**
 * Objects in memory behind the client's interface, for the runtime's unit tests: only the preconditions (UID, resourceVersion) and the merging that
 * the runtime relies on. What the real server does is shown by the integration tests.
 */
export class TestKube {
  readonly objects = new Map<string, CustomObject>()
  /** Every write that was accepted. */
  readonly writes: Call[] = []
  /** Called before every call; throws what the call shall fail with. */
  intercept: (call: Call) => Promise<void> | void = () => undefined
  /** Called after every change. */
  changed: (key: string) => void = () => undefined
  #version = 100

  /** An object as somebody else stores it; keeps what the old one had where `change` says nothing. */
  put(plural: string, object: CustomObject): void {
    const key = keyOf(object.metadata)
    this.objects.set(`${plural}/${key}`, freeze({ ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } }))
    this.changed(key)
  }

  read(plural: string, key: string): CustomObject | undefined {
    return this.objects.get(`${plural}/${key}`)
  }

  get client(): KubeClient {
    const client = {
      get: async (resource: Resource, key: ObjectKey, options: { signal: AbortSignal }) => {
        await this.#begin({ verb: 'get', plural: resource.plural, key: keyOf(key), signal: options.signal })
        return this.#existing(resource.plural, keyOf(key))
      },
      create: async (resource: Resource, body: CustomObject, options: { signal: AbortSignal; namespace?: string }) => {
        const key = keyOf({ name: body.metadata.name, namespace: options.namespace })
        await this.#begin({ verb: 'create', plural: resource.plural, key, body, signal: options.signal })
        if (this.read(resource.plural, key) !== undefined) throw new KubeError(409, 'AlreadyExists', `${key} already exists`)
        return this.#store(resource.plural, key, { ...body, metadata: { ...body.metadata, ...withNamespace(options.namespace) } })
      },
      replace: async (resource: Resource, key: ObjectKey, body: CustomObject, options: { signal: AbortSignal }) => {
        await this.#begin({ verb: 'replace', plural: resource.plural, key: keyOf(key), body, signal: options.signal })
        this.#expect(this.#existing(resource.plural, keyOf(key)), body.metadata)
        return this.#store(resource.plural, keyOf(key), body)
      },
      apply: async (resource: Resource, key: ObjectKey, body: CustomObject, options: { signal: AbortSignal; subresource?: string }) => {
        await this.#begin({ verb: 'apply', plural: resource.plural, key: keyOf(key), body, signal: options.signal })
        return this.#apply(resource.plural, keyOf(key), body, options.subresource)
      },
      jsonPatch: async (resource: Resource, key: ObjectKey, body: readonly JsonPatchOperation[], options: { signal: AbortSignal }) => {
        await this.#begin({ verb: 'jsonPatch', plural: resource.plural, key: keyOf(key), body, signal: options.signal })
        const object = structuredClone(this.#existing(resource.plural, keyOf(key)))
        for (const operation of body) patch(object, operation)
        return this.#store(resource.plural, keyOf(key), object)
      },
      list: refuse,
      delete: refuse,
      watch: refuse,
      raw: refuse,
    }
    return client as unknown as KubeClient
  }

  async #begin(call: Call): Promise<void> {
    call.signal.throwIfAborted()
    await this.intercept(call)
    call.signal.throwIfAborted()
    if (call.verb !== 'get') this.writes.push(call)
  }

  #apply(plural: string, key: string, body: CustomObject, subresource: string | undefined): CustomObject {
    const before = this.read(plural, key)
    if (before === undefined && body.metadata.uid !== undefined) throw new KubeError(409, 'Conflict', 'uid mismatch')
    const object = this.#existing(plural, key)
    if (body.metadata.uid !== undefined && body.metadata.uid !== object.metadata.uid)
      throw new KubeError(422, 'Invalid', 'field is immutable', { details: { causes: [{ field: 'metadata.uid' }] } })
    this.#expect(object, body.metadata)
    if (subresource === 'status') return this.#store(plural, key, { ...object, status: body.status ?? {} })
    const others = (object.metadata.finalizers ?? []).filter((name) => !name.startsWith('tidegate.io/') || this.#coOwned(object))
    const finalizers = [...new Set([...others, ...(body.metadata.finalizers ?? [])])]
    return this.#store(plural, key, { ...object, metadata: { ...object.metadata, finalizers } })
  }

  /** Somebody else applied our finalizer too. */
  #coOwned(object: CustomObject): boolean {
    return object.metadata.annotations?.['test/co-owned'] !== undefined
  }

  #existing(plural: string, key: string): CustomObject {
    const object = this.read(plural, key)
    if (object === undefined) throw new KubeError(404, 'NotFound', `${key} not found`)
    return object
  }

  #expect(object: CustomObject, given: { readonly uid?: string; readonly resourceVersion?: string }): void {
    if (given.uid !== undefined && given.uid !== object.metadata.uid) throw new KubeError(409, 'Conflict', 'uid mismatch')
    if (given.resourceVersion !== undefined && given.resourceVersion !== object.metadata.resourceVersion)
      throw new KubeError(409, 'Conflict', 'the object has been modified')
  }

  #store(plural: string, key: string, object: CustomObject): CustomObject {
    const stored = freeze(structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } }))
    if (stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0) this.objects.delete(`${plural}/${key}`)
    else this.objects.set(`${plural}/${key}`, stored)
    this.changed(key)
    return stored
  }

  #next(): string {
    this.#version += 1
    return String(this.#version)
  }
}

function refuse(): never {
  throw new Error('not part of the test client')
}

function withNamespace(namespace: string | undefined): object {
  return namespace === undefined ? {} : { namespace }
}

function patch(object: object, { op, path, value }: JsonPatchOperation): void {
  const names = path.slice(1).split('/')
  const last = names.pop() ?? ''
  const parent = names.reduce((at, name) => at[name] as Record<string, unknown>, object as Record<string, unknown>)
  if (op === 'test') {
    if (JSON.stringify(parent[last]) !== JSON.stringify(value)) throw new KubeError(422, 'Invalid', `testing path ${path} value failed`)
  } else if (op !== 'remove') parent[last] = value
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else Reflect.deleteProperty(parent, last)
}

function freeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze)
    Object.freeze(value)
  }
  return value
}
