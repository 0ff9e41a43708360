import { expect } from 'vitest'
import type { KubeClient, JsonPatchOperation } from '../../src/kube/client.ts'
import { isKubeError } from '../../src/kube/kube-error.ts'
import type { Condition, CustomObject } from '../../src/kube/objects.ts'
import { type ObjectKey, type Resource, apiVersion, keyOf, resources } from '../../src/kube/resource.ts'
import { eventually } from './eventually.ts'

const { signal } = new AbortController()

type Patience = NonNullable<Parameters<typeof eventually>[1]>

/** What a condition must say; what is left out may be anything. */
export interface ExpectedCondition {
  readonly status?: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  /** Everything that the message must contain. */
  readonly says?: readonly (string | RegExp)[]
}

/** An object under test, as a person with rights sees and changes it. */
export class Subject<T extends CustomObject> {
  readonly key: ObjectKey
  readonly #client: KubeClient
  readonly #resource: Resource

  constructor(client: KubeClient, resource: Resource, key: ObjectKey) {
    this.#client = client
    this.#resource = resource
    this.key = key
  }

  get resource(): Resource {
    return this.#resource
  }

  async read(): Promise<T> {
    return await this.#client.get<T>(this.#resource, this.key, { signal })
  }

  /** `undefined` when it is gone. */
  async find(): Promise<T | undefined> {
    try {
      return await this.read()
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined
      throw error
    }
  }

  /** What Git does: applies the whole spec. */
  async apply(spec: object): Promise<T> {
    const body = { ...this.#head(), spec }
    return await this.#client.apply<T>(this.#resource, this.key, body, { fieldManager: 'git', force: true, signal })
  }

  async patch(...operations: readonly JsonPatchOperation[]): Promise<T> {
    return await this.#client.jsonPatch<T>(this.#resource, this.key, operations, { fieldManager: 'person', signal })
  }

  /** Sets annotations under `tidegate.io/`, as `kubectl annotate` does; one person's words replace the last ones. */
  async annotate(annotations: Readonly<Record<string, string>>): Promise<void> {
    const { metadata } = await this.read()
    const own = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`tidegate.io/${name}`, value]))
    const body = { apiVersion: apiVersion(this.#resource), kind: this.#resource.kind, metadata: { ...this.key, uid: metadata.uid, annotations: own } }
    await this.#client.apply(this.#resource, this.key, body, { fieldManager: 'person', force: true, signal })
  }

  /** Asks for the deletion and does not wait for it. */
  async delete(): Promise<void> {
    await this.#client.delete(this.#resource, this.key, { signal })
  }

  /** As somebody deletes who has read what goes with it: confirmed by its UID. */
  async deleteConfirmed(): Promise<void> {
    const { metadata } = await this.read()
    await this.annotate({ 'confirm-deletion': metadata.uid })
    await this.delete()
  }

  /** `deleteConfirmed`, and waits until it is gone. */
  async end(): Promise<void> {
    await this.deleteConfirmed()
    await this.gone()
  }

  /** `end`, of what may be gone, or go by itself at any moment: its deletion may have been asked for before. */
  async clear(patience: Patience = patient): Promise<void> {
    try {
      await this.deleteConfirmed()
    } catch (error) {
      if ((await this.find()) !== undefined) throw error
    }
    await this.gone(patience)
  }

  /** Past the policy that guards deletions, as a controller's object is deleted with its owner: what holds it now is its finalizer. */
  async deleteUnguarded(): Promise<void> {
    const { namespace: name = 'default' } = this.key
    const { metadata } = await this.#client.get(resources.namespaces, { name }, { signal })
    const owner = { apiVersion: 'v1', kind: 'Namespace', name, uid: metadata.uid, controller: true }
    await this.patch({ op: 'add', path: '/metadata/ownerReferences', value: [owner] })
    await this.delete()
  }

  async gone(patience: Patience = patient): Promise<void> {
    await eventually(async () => {
      const left = await this.find()
      if (left !== undefined) throw new Error(`${this.#resource.kind} ${keyOf(this.key)} is still there: ${inWords(left)}`)
    }, patience)
  }

  /** The object, once `check` no longer throws about it. */
  async until(check: (object: T) => void | Promise<void>): Promise<T> {
    return await eventually(async () => {
      const object = await this.read()
      try {
        await check(object)
      } catch (error) {
        if (error instanceof Error) error.message = `${error.message}\n${keyOf(this.key)}: ${inWords(object)}`
        throw error
      }
      return object
    }, patient)
  }

  /** The condition, once it is as expected. */
  async condition(type: string, expected: ExpectedCondition): Promise<Condition> {
    const object = await this.until((one) => expectCondition(one, type, expected))
    const found = conditionOf(object, type)
    if (found === undefined) throw new Error(`${type} went away`)
    return found
  }

  /** The object, once it is Ready for the spec that it has now. */
  async ready(): Promise<T> {
    return await this.until((object) => {
      expectCondition(object, 'Ready', { status: 'True' })
      expect(object.status?.observedGeneration).toBe(object.metadata.generation)
    })
  }

  #head(): object {
    return { apiVersion: apiVersion(this.#resource), kind: this.#resource.kind, metadata: { ...this.key } }
  }
}

/** Says nothing of speed: it must hold on a busy machine. What is promised of speed is measured by the test that names it. */
const patient: Patience = { timeoutMs: 90_000, everyMs: 100 }

function conditionOf(object: CustomObject, type: string): Condition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type)
}

export function expectCondition(object: CustomObject, type: string, { status, reason, says = [] }: ExpectedCondition): void {
  const found = conditionOf(object, type)
  const message = found?.message ?? ''
  expect(found ?? `no condition ${type}`).toMatchObject({ type, ...(status === undefined ? {} : { status }), ...(reason === undefined ? {} : { reason }) })
  for (const words of says) expect(message).toMatch(words)
}

/** All conditions in one line, for a failure. */
function inWords({ metadata, status }: CustomObject): string {
  const seen = status?.observedGeneration === metadata.generation ? '' : `generation ${metadata.generation}, looked at is ${status?.observedGeneration}; `
  return (
    seen +
    (status?.conditions ?? []).map(({ type, status: is, reason, message }) => `${type}=${is}/${reason}${message === '' ? '' : ` (${message})`}`).join('; ')
  )
}
