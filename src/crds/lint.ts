import type { Kind } from './crd.ts'
import { lintWhole } from './lint-kind.ts'
import { lintName } from './lint-names.ts'
import { lintUnion } from './lint-unions.ts'
import type { Rule } from './schema.ts'
import { isObject, type JsonObject, toStructural } from './structural.ts'

/**
 * What our API conventions ask of a kind beyond what the API server does: one line per breach, with its path.
 * Empty when all is well.
 */
export function lintKind(kind: Kind): readonly string[] {
  const findings: string[] = []
  const say = (path: string, message: string): void => void findings.push(`${kind.kind} ${path}: ${message}`)
  for (const part of ['spec', 'status'] as const) walk(toStructural(kind[part], part), { path: part, inItem: false }, say)
  lintMarks(kind, say)
  lintColumns(kind, say)
  lintReasons(kind, say)
  lintConditionsSchema(kind, say)
  lintWhole(kind, say)
  if (!kind.rules.some(({ rule }) => rule.includes('self.metadata.name.size() <= 52'))) say('rules', 'names need the rule of 52 characters')
  if (kind.shortNames.length === 0) say('shortNames', 'a short name is missing')
  if (kind.description === '') say('description', 'is missing')
  return findings
}

type Say = (path: string, message: string) => void

interface Place {
  readonly path: string
  /** Below the items of a list, where the API server's defaults surprise people who apply again. */
  readonly inItem: boolean
}

function walk(schema: JsonObject, place: Place, say: Say): void {
  lintField(schema, place, say)
  const { properties, items, additionalProperties } = schema
  if (isObject(properties)) {
    lintTransitions(schema, properties, place.path, say)
    for (const [name, child] of Object.entries(properties)) if (isObject(child)) walk(child, { ...place, path: `${place.path}.${name}` }, say)
  }
  if (isObject(items)) walk(items, { path: `${place.path}[]`, inItem: true }, say)
  if (isObject(additionalProperties)) lintBounds(additionalProperties, `${place.path}{}`, say)
}

function lintField(schema: JsonObject, { path, inItem }: Place, say: Say): void {
  if (typeof schema['description'] !== 'string' || schema['description'] === '') say(path, 'a field needs a description, kubectl explain shows it')
  if (inItem && schema['default'] !== undefined) say(path, 'no default inside list items')
  lintBounds(schema, path, say)
  lintWords(schema, path, say)
  lintName(schema, path, say)
  lintUnion(schema, path, say)
}

function lintBounds(schema: JsonObject, path: string, say: Say): void {
  const { type, format } = schema
  if (type === 'number') say(path, 'floats lose digits on the way: use an integer with the unit in the name, or a quantity')
  if (type === 'array' && schema['maxItems'] === undefined) say(path, 'a list needs maxItems')
  if (type === 'array' && schema['x-kubernetes-list-type'] === undefined) say(path, 'a list needs x-kubernetes-list-type')
  if (type === 'string' && schema['maxLength'] === undefined && schema['enum'] === undefined && format !== 'date-time') say(path, 'a string needs maxLength')
  if (isObject(schema['additionalProperties']) && schema['maxProperties'] === undefined) say(path, 'a map needs maxProperties')
  if (type === 'integer' && schema['minimum'] === undefined) say(path, 'a number needs a minimum')
  if (
    format === 'duration' ||
    (isDurationName(path) && type !== 'object' && schema['enum'] === undefined && !rulesOf(schema).some(({ rule }) => rule.includes('duration(')))
  ) {
    say(path, 'a duration is a Go string checked by CEL with duration()')
  }
}

function isDurationName(path: string): boolean {
  return /(timeout|cooldown|deadline|interval|duration|ttl\w*)$/i.test(path)
}

/** The marks are no part of the structural schema: they are read from the schema as it was written. */
function lintMarks(kind: Kind, say: Say): void {
  for (const { path, rule } of allRules(kind)) {
    const silent = rule.rule.includes('oldSelf') && rule.optionalOldSelf !== true
    if (silent && rule.updateOnly !== true) say(path, `the rule "${rule.message}" does not run at creation: optionalOldSelf, or the mark updateOnly`)
  }
}

/** Every CEL rule of a kind with the path it stands at. */
export function allRules(kind: Kind): readonly { readonly path: string; readonly rule: Rule }[] {
  const found: { readonly path: string; readonly rule: Rule }[] = kind.rules.map((rule) => ({ path: '', rule }))
  const visit = (schema: JsonObject, path: string): void => {
    found.push(...rulesOf(schema).map((rule) => ({ path, rule })))
    const { properties, items } = schema
    if (isObject(properties)) for (const [name, child] of Object.entries(properties)) if (isObject(child)) visit(child, `${path}.${name}`)
    if (isObject(items)) visit(items, `${path}[]`)
  }
  visit(kind.spec as unknown as JsonObject, 'spec')
  visit(kind.status as unknown as JsonObject, 'status')
  return found
}

function lintWords(schema: JsonObject, path: string, say: Say): void {
  const words = schema['enum']
  const unspelled = Array.isArray(words) ? words.filter((word) => !/^[A-Z][A-Za-z0-9]*$/.test(String(word))) : []
  if (unspelled.length > 0) say(path, `a closed set is spelled in PascalCase: ${unspelled.join(', ')}`)
  for (const { rule, message } of rulesOf(schema)) if (message === '') say(path, `the rule ${rule} has no message`)
}

/**
 * A rule with `oldSelf` on an optional field is skipped when the field is removed or added, so the parent must compare `has()` on both sides.
 */
function lintTransitions(schema: JsonObject, properties: JsonObject, path: string, say: Say): void {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  for (const [name, child] of Object.entries(properties)) {
    if (!isObject(child) || required.has(name) || child['default'] !== undefined) continue
    const watched = rulesOf(child).some(({ rule, optionalOldSelf }) => rule.includes('oldSelf') && optionalOldSelf !== true)
    const partner = rulesOf(schema).some(({ rule }) => rule.includes(`has(self.${name})`) && rule.includes(`has(oldSelf.${name})`))
    if (watched && !partner) say(`${path}.${name}`, 'a rule with oldSelf on an optional field needs a partner on the parent with has() on both sides')
  }
  for (const { rule } of rulesOf(schema)) {
    for (const [, name = ''] of rule.matchAll(/\bself\.(\w+) == oldSelf\.\1\b/g)) {
      if (required.has(name) || !isObject(properties[name]) || properties[name]['default'] !== undefined) continue
      if (!rule.includes(`has(self.${name})`) || !rule.includes(`has(oldSelf.${name})`))
        say(`${path}.${name}`, 'compares an optional field without has() on both sides')
    }
  }
}

function rulesOf(schema: JsonObject): readonly Rule[] {
  const rules = schema['x-kubernetes-validations']
  return Array.isArray(rules) ? (rules as readonly Rule[]) : []
}

function lintColumns(kind: Kind, say: Say): void {
  const shown = kind.columns.filter(({ priority }) => priority === undefined || priority === 0).map(({ name }) => name)
  for (const name of ['Ready', 'Reason', 'Age']) if (!shown.includes(name)) say('columns', `the column ${name} is missing`)
  if (shown[0] !== 'Ready' || shown.at(-1) !== 'Age') say('columns', 'Ready stands first and Age last')
}

function lintReasons(kind: Kind, say: Say): void {
  const types = new Set([...kind.conditions, 'Ready', 'Reconciling', 'Stalled', 'Paused'])
  for (const [reason, { conditions, needsPerson, needsEdit = false, meaning }] of Object.entries(kind.reasons)) {
    if (!/^[A-Z][A-Za-z0-9]*$/.test(reason)) say(`reasons.${reason}`, 'a reason is one word in PascalCase')
    for (const type of conditions) if (!types.has(type)) say(`reasons.${reason}`, `the kind has no condition ${type}`)
    if (needsEdit && !conditions.includes('Stalled')) say(`reasons.${reason}`, 'only what is Stalled waits for an edit')
    if (conditions.includes('Stalled') && !needsPerson) say(`reasons.${reason}`, 'Stalled means that somebody is needed')
    if (meaning.length < 10) say(`reasons.${reason}`, 'the meaning is missing')
  }
  for (const type of kind.conditions) {
    if (!Object.values(kind.reasons).some(({ conditions }) => conditions.includes(type))) say('reasons', `no reason for the condition ${type}`)
  }
}

function lintConditionsSchema(kind: Kind, say: Say): void {
  const { conditions, observedGeneration } = kind.status.properties as unknown as JsonObject
  const item = isObject(conditions) && isObject(conditions['items']) && isObject(conditions['items']['properties']) ? conditions['items']['properties'] : {}
  if (!isObject(observedGeneration)) say('status.observedGeneration', 'is missing')
  if (!isObject(conditions)) say('status.conditions', 'is missing')
  else if (JSON.stringify(conditions['x-kubernetes-list-map-keys']) !== '["type"]') say('status.conditions', 'must be a list map by type')
  else for (const member of conditionMembers) if (!isObject(item[member])) say('status.conditions', `is a list of metav1.Condition: ${member} is missing`)
}

const conditionMembers = ['type', 'status', 'observedGeneration', 'lastTransitionTime', 'reason', 'message']
