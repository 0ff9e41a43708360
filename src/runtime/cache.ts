import type { KubeObject } from '../kube/objects.ts'

/** What an informer knows of a resource. Objects are frozen; keys are `namespace/name`, or the name alone. */
export interface Cache<T extends KubeObject> {
  get(key: string): T | undefined
  /** All objects, in no order. The array is made anew after a change only. */
  list(): readonly T[]
  /** The objects for which `index` gave `value`. An index that nobody defined is an error. */
  byIndex(index: string, value: string): readonly T[]
  readonly size: number
}

/** The values under which an object is found. Pure: the same object gives the same values. */
export type Indexer<T> = (object: T) => readonly string[]

/** A cache as the informer sees it. Indexes change together with the objects, in one step. */
export class ObjectCache<T extends KubeObject> implements Cache<T> {
  readonly #objects = new Map<string, T>()
  readonly #indexers: ReadonlyMap<string, Indexer<T>>
  readonly #indexes = new Map<string, Map<string, Set<string>>>()
  readonly #onIndexerError: (index: string, error: unknown) => void
  #list: readonly T[] | undefined

  /** An indexer that throws finds nothing for that object, and `onIndexerError` is told. */
  constructor(indexers: Readonly<Record<string, Indexer<T>>>, onIndexerError: (index: string, error: unknown) => void) {
    this.#indexers = new Map(Object.entries(indexers))
    this.#onIndexerError = onIndexerError
    for (const index of this.#indexers.keys()) this.#indexes.set(index, new Map())
  }

  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(): readonly T[] {
    this.#list ??= [...this.#objects.values()]
    return this.#list
  }

  byIndex(index: string, value: string): readonly T[] {
    const values = this.#indexes.get(index)
    if (values === undefined) throw new Error(`there is no index ${index}`)
    const found: T[] = []
    for (const key of values.get(value) ?? []) {
      const object = this.#objects.get(key)
      if (object !== undefined) found.push(object)
    }
    return found
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()]
  }

  set(key: string, object: T): void {
    const before = this.#objects.get(key)
    if (before !== undefined) this.#unindex(key, before)
    this.#objects.set(key, object)
    this.#list = undefined
    for (const [index, value] of this.#valuesOf(object)) {
      const values = this.#indexes.get(index)
      const keys = values?.get(value)
      if (keys === undefined) values?.set(value, new Set([key]))
      else keys.add(key)
    }
  }

  delete(key: string): void {
    const before = this.#objects.get(key)
    if (before === undefined) return
    this.#unindex(key, before)
    this.#objects.delete(key)
    this.#list = undefined
  }

  #unindex(key: string, object: T): void {
    for (const [index, value] of this.#valuesOf(object)) {
      const values = this.#indexes.get(index)
      const keys = values?.get(value)
      keys?.delete(key)
      if (keys?.size === 0) values?.delete(value)
    }
  }

  *#valuesOf(object: T): Generator<readonly [string, string]> {
    for (const [index, indexer] of this.#indexers) {
      try {
        for (const value of indexer(object)) yield [index, value]
      } catch (error) {
        this.#onIndexerError(index, error)
      }
    }
  }
}
