type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

const copied = new Set([
  'type',
  'format',
  'description',
  'title',
  'default',
  'example',
  'enum',
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'required',
  'nullable',
  'anyOf',
]) // prettier-ignore

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Turns a TypeBox schema into a structural schema, or throws with the path of what the API server would refuse or what our API conventions forbid
 * (unbounded list, map or string; float; missing description).
 */
export function toStructural(schema: object, path: string): JsonObject {
  const source = JSON.parse(JSON.stringify(schema)) as JsonObject
  const out: Record<string, Json> = {}
  for (const [keyword, value] of Object.entries(source)) {
    if (copied.has(keyword) || keyword.startsWith('x-kubernetes-')) out[keyword] = value
    else if (keyword === 'properties' && isObject(value)) {
      out['properties'] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, toStructural(isObject(child) ? child : {}, `${path}.${name}`)]),
      )
    } else if (keyword === 'items' && isObject(value)) out['items'] = toStructural(value, `${path}[]`)
    else if (keyword === 'additionalProperties' && isObject(value)) out['additionalProperties'] = toStructural({ description: '-', ...value }, `${path}{}`)
    else if (keyword === 'exclusiveMinimum') Object.assign(out, { minimum: value, exclusiveMinimum: true })
    else throw new Error(`${path}: "${keyword}" is not structural`)
  }
  required(out)
  if (out['description'] === '-') delete out['description']
  else if (!path.includes('[]') && out['description'] === undefined) throw new Error(`${path}: a field needs a description, kubectl explain shows it`)
  const { type } = out
  if (type === undefined && out['x-kubernetes-int-or-string'] !== true) throw new Error(`${path}: type is missing`)
  if (type === 'number') throw new Error(`${path}: floats lose digits on the way; use an integer with a unit or a quantity`)
  if (type === 'array' && out['maxItems'] === undefined) throw new Error(`${path}: a list needs maxItems`)
  if (type === 'array' && out['x-kubernetes-list-type'] === undefined) throw new Error(`${path}: a list needs x-kubernetes-list-type`)
  if (type === 'string' && out['maxLength'] === undefined && out['enum'] === undefined && out['format'] !== 'date-time')
    throw new Error(`${path}: a string needs maxLength`)
  if (isObject(out['additionalProperties']) && out['maxProperties'] === undefined) throw new Error(`${path}: a map needs maxProperties`)
  return out
}

/** A field with a default may be left out by people; the API server fills it before anything reads it, so the TypeScript type has it always. */
function required(out: Record<string, Json>): void {
  const { required: names, properties } = out
  if (!Array.isArray(names) || !isObject(properties)) return
  const needed = names.filter((name) => {
    const child = properties[String(name)]
    return !isObject(child) || child['default'] === undefined
  })
  if (needed.length === 0) delete out['required']
  else out['required'] = needed
}
