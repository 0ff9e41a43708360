import { isObject, type JsonObject } from './structural.ts'

type Say = (path: string, message: string) => void

/** Defaults that are the same wherever a field of the name stands (kinds.md, Conventions). */
const fixedDefaults: Readonly<Record<string, string | number | boolean>> = {
  adoption: 'CreateOnly',
  approval: 'Manual',
  azRebalance: 'Suspend',
  cooldown: '72h',
  management: 'Manage',
  maxDevicesPerOrder: 10,
  maxUnavailablePercent: 10,
  onTimeout: 'Wait',
  suspend: false,
  timeout: '1h',
}

/** Closed sets that are the same on every kind. */
const fixedWords: Readonly<Record<string, readonly string[]>> = {
  management: ['Manage', 'Observe'],
  adoption: ['CreateOnly', 'AdoptOrCreate', 'AdoptOnly'],
  deletion: ['Delete', 'Retain'],
  approval: ['Manual', 'Automatic'],
  onTimeout: ['Wait', 'Fail', 'Force'],
  sizeOwner: ['Spec', 'Orders', 'External'],
}

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
  if (leaf && isMoney(name) && type !== 'string' && type !== 'object') say(path, 'money is a decimal string')
  if (leaf && isMoney(name) && type === 'string' && path.startsWith('spec.') && schema['x-kubernetes-validations'] === undefined)
    say(path, 'money is a decimal string: its shape is checked')
  if (leaf && type === 'string' && /^time$|(At|Since|Until|Time)$/.test(name) && format !== 'date-time') say(path, 'a time is RFC 3339: format date-time')
  if (/percent(age)?$/i.test(name) && (type !== 'integer' || Number(schema['maximum'] ?? Number.POSITIVE_INFINITY) > 100)) {
    say(path, 'a share is whole percent: an integer of at most 100')
  }
  lintReference(schema, { name, leaf }, path, say)
  if (path.startsWith('spec.') && Object.hasOwn(fixedDefaults, name) && given !== fixedDefaults[name]) {
    say(path, `the default of ${name} is ${String(fixedDefaults[name])} everywhere`)
  }
  const words = Object.hasOwn(fixedWords, name) ? fixedWords[name] : undefined
  if (path.startsWith('spec.') && words !== undefined && JSON.stringify(schema['enum']) !== JSON.stringify(words)) {
    say(path, `the words of ${name} are ${words.join(', ')} everywhere`)
  }
  lintListMap(schema, path, say)
}

function isMoney(name: string): boolean {
  return /^(price|cost|fee|hourly|amount)$|(Price|Cost|Fee|Hourly)$/.test(name)
}

/** By name alone, and in the namespace of the object. */
function lintReference(schema: JsonObject, { name, leaf }: { readonly name: string; readonly leaf: boolean }, path: string, say: Say): void {
  if (!((name.endsWith('Ref') && leaf) || (name.endsWith('Refs') && path.endsWith('[]')))) return
  const members = isObject(schema['properties']) ? schema['properties'] : {}
  if (!isObject(members['name'])) say(path, 'a reference is a struct with name')
  if (isObject(members['namespace'])) say(path, 'a reference stays in its namespace')
}

/** An element is known by its keys: they are there, and no default makes two elements one. */
function lintListMap(schema: JsonObject, path: string, say: Say): void {
  if (schema['x-kubernetes-list-type'] !== 'map') return
  const keys = schema['x-kubernetes-list-map-keys']
  const item = isObject(schema['items']) ? schema['items'] : {}
  const required = Array.isArray(item['required']) ? item['required'] : []
  if (!Array.isArray(keys) || keys.length === 0 || keys.some((key) => !required.includes(key))) say(path, 'a list map needs keys that every element has')
}
