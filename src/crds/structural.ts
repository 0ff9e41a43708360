import type { Rule } from './schema.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

const copied = new Set(
  `type format description title default example enum nullable required anyOf minimum maximum multipleOf
   minLength maxLength pattern minItems maxItems minProperties maxProperties`.split(/\s+/),
)

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Turns a TypeBox schema into a structural schema. A field with a default is not required any more: people leave it out, the API server fills it
 * before anything reads it, and so the TypeScript type has it always.
 *
 * Errors: throws, with the path, on what the API server would refuse or silently drop (a keyword that is not structural, a missing type). What our
 * own conventions ask beyond that is lint.ts.
 */
export function toStructural(schema: object, path: string): JsonObject {
  const source = JSON.parse(JSON.stringify(schema)) as JsonObject
  const out: Record<string, Json> = {}
  for (const [keyword, value] of Object.entries(source)) {
    if (keyword === 'x-kubernetes-validations') out[keyword] = celRules(value as unknown as readonly Rule[])
    else if (copied.has(keyword) || keyword.startsWith('x-kubernetes-')) out[keyword] = value
    else if (keyword === 'properties' && isObject(value)) {
      out['properties'] = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, toStructural(objectAt(child), `${path}.${name}`)]))
    } else if (keyword === 'items' && isObject(value)) out['items'] = toStructural(value, `${path}[]`)
    else if (keyword === 'additionalProperties' && isObject(value)) out['additionalProperties'] = toStructural(value, `${path}{}`)
    else if (keyword === 'exclusiveMinimum') Object.assign(out, { minimum: value, exclusiveMinimum: true })
    else if (keyword === 'exclusiveMaximum') Object.assign(out, { maximum: value, exclusiveMaximum: true })
    else throw new Error(`${path}: "${keyword}" is not structural`)
  }
  if (out['type'] === undefined && out['x-kubernetes-int-or-string'] !== true) throw new Error(`${path}: type is missing`)
  relaxRequired(out)
  return out
}

/** The rules as the API server takes them: without the marks that only the lint reads. */
export function celRules(rules: readonly Rule[]): readonly JsonObject[] {
  return rules.map((rule) => Object.fromEntries(Object.entries(rule).filter(([field]) => field !== 'updateOnly')))
}

function objectAt(value: Json): JsonObject {
  return isObject(value) ? value : {}
}

function relaxRequired(out: Record<string, Json>): void {
  const { required: names, properties } = out
  if (!Array.isArray(names) || !isObject(properties)) return
  const needed = names.filter((name) => objectAt(properties[String(name)] ?? null)['default'] === undefined)
  if (needed.length === 0) delete out['required']
  else out['required'] = needed
}
