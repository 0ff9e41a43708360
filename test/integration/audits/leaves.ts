import { expect } from 'vitest'
import { type JsonObject, isObject, toStructural } from '../../../src/crds/structural.ts'
import type { Kind } from '../../../src/crds/crd.ts'

/** Every field of a kind's spec that people can set by itself: `scaling.minSize`; lists, maps and structs without fields are one each. */
export function leavesOf({ spec }: Kind): readonly string[] {
  return below(toStructural(spec, 'spec'), '')
}

function below(schema: JsonObject, path: string): readonly string[] {
  const { properties } = schema
  if (!isObject(properties) || Object.keys(properties).length === 0) return [path]
  return Object.entries(properties).flatMap(([name, child]) => (isObject(child) ? below(child, path === '' ? name : `${path}.${name}`) : []))
}

/** That a change is taken, or refused in these words. */
export async function answered(change: Promise<unknown>, refused: string | undefined): Promise<void> {
  if (refused === undefined) await change
  else await expect(change).rejects.toThrow(refused)
}
