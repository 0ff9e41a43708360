import { randomUUID } from 'node:crypto'

/** Chance as a dependency, so that a test repeats itself and a simulated cloud gives the same ids for the same seed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An id that nobody else has: a UUID. Store it before you use it as a token (aws-rules A1). */
  id(): string
}

export const systemRandom: Random = {
  next: () => Math.random(),
  id: () => randomUUID(),
}

/** Repeats itself for the same `seed` (mulberry32). Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const hex = (digits: number): string => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('')
  return { next, id: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}` }
}
