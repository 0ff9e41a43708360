/** No name of an object is as long (253). */
const longestKey = 256

/**
 * Gives one and the same value for equal keys, so that thousands of objects share what they have in common. Bounded: what was not asked for
 * during the last two times `capacity` new keys is forgotten, so that names of things long gone do not pile up; and what is longer than any name is not kept
 * here at all, since some of the words are anybody's.
 */
export class Interner<V> {
  readonly #capacity: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor(capacity = 4096) {
    this.#capacity = capacity
  }

  get(key: string, make: (key: string) => V): V {
    if (key.length > longestKey) return make(key)
    let value = this.#young.get(key)
    if (value !== undefined) return value
    value = this.#old.get(key) ?? make(key)
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
    return value
  }
}
