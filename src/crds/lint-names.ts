import { isObject, type JsonObject } from './structural.ts'

type Say = (path: string, message: string) => void

/** Defaults that are the same wherever a field of the name stands (kinds.md, Conventions). */
const fixedDefaults: Readonly<Record<string, string | boolean>> = { approval: 'Manual', onTimeout: 'Wait', suspend: false }

/** What the name of a field promises about its type: units, money, times, shares, references. */
export function lintName(schema: JsonObject, path: string, say: Say): void {
  const name =
    path
      .replaceAll(/\[]|\{}/g, '')
      .split('.')
      .at(-1) ?? ''
  const { type, format, default: given } = schema
  const leaf = !path.endsWith('[]') && !path.endsWith('{}')
  if (type === 'integer' && /disk|memory|volume|storage|throughput/i.test(name) && !/(GiB|MiB|MiBps)$/.test(name)) {
    say(path, 'a size is a quantity, or an integer with the unit in its name')
  }
  if (leaf && /^(price|cost|fee|hourly|amount)$|(Price|Cost|Fee|Hourly)$/.test(name) && type !== 'string' && type !== 'object')
    say(path, 'money is a decimal string')
  if (leaf && type === 'string' && /^time$|(At|Since|Until|Time)$/.test(name) && format !== 'date-time') say(path, 'a time is RFC 3339: format date-time')
  if (/percent(age)?$/i.test(name) && (type !== 'integer' || Number(schema['maximum'] ?? Number.POSITIVE_INFINITY) > 100)) {
    say(path, 'a share is whole percent: an integer of at most 100')
  }
  if (name.endsWith('Ref') && leaf && !(isObject(schema['properties']) && isObject(schema['properties']['name'])))
    say(path, 'a reference is a struct with name')
  if (path.startsWith('spec.') && Object.hasOwn(fixedDefaults, name) && given !== fixedDefaults[name]) {
    say(path, `the default of ${name} is ${String(fixedDefaults[name])} everywhere`)
  }
  lintListMap(schema, path, say)
}

/** An element is known by its keys: they are there, and no default makes two elements one. */
function lintListMap(schema: JsonObject, path: string, say: Say): void {
  if (schema['x-kubernetes-list-type'] !== 'map') return
  const keys = schema['x-kubernetes-list-map-keys']
  const item = isObject(schema['items']) ? schema['items'] : {}
  const required = Array.isArray(item['required']) ? item['required'] : []
  if (!Array.isArray(keys) || keys.length === 0 || keys.some((key) => !required.includes(key))) say(path, 'a list map needs keys that every element has')
}
