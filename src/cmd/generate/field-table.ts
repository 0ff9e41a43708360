import type { Kind } from '../../crds/crd.ts'
import { allRules } from '../../crds/lint.ts'
import type { Policy } from '../../crds/policies/policy.ts'
import { isObject, type JsonObject, toStructural } from '../../crds/structural.ts'

/** The generated part of a kind's page: fields with type and default, what is refused and where, conditions, reasons and Events. Markdown, the same for the same kind. */
export function kindTables(kind: Kind, policies: readonly Policy[]): string {
  return [
    `## Fields of \`spec\``,
    table(['field', 'type', 'default', 'meaning'], rows(toStructural(kind.spec, 'spec'))),
    '## Refused at apply',
    'Beyond types and limits of the table, the API server refuses with these words:',
    refusals(kind),
    '## Refused by a policy',
    'Who asks counts here, and what the status says: the ValidatingAdmissionPolicies of `config/policy` refuse with the line to type. What neither they nor the schema can see, such as a subnet that AWS does not have, is told by the conditions below.',
    table(['policy', 'on', 'what it does'], policiesOn(kind, policies)),
    '## Fields of `status`',
    table(
      ['field', 'type', 'meaning'],
      rows(toStructural(kind.status, 'status')).map(([field = '', type = '', , meaning = '']) => [field, type, meaning]),
    ),
    '## Conditions and reasons',
    `\`Ready\` is True when all of these are, and repeats the reason of the first that is not: ${kind.conditions.map((type) => `\`${type}\``).join(', ')}. \`Reconciling\` and \`Stalled\` are present only while true.`,
    table(['reason', 'on', 'a person is needed', 'meaning'], reasons(kind)),
    '## Events',
    `What was done and cannot be seen as a condition for long: \`kubectl describe ${kind.shortNames[0] ?? kind.plural}/<name>\` shows it.`,
    table(['event', 'type', 'when', 'what to do'], events(kind)),
  ].join('\n\n')
}

/** Every default that the API server fills in, of all kinds. */
export function defaultsTable(kinds: readonly Kind[]): string {
  return table(
    ['kind', 'field', 'default'],
    kinds.flatMap((kind) =>
      rows(toStructural(kind.spec, 'spec'))
        .filter(([, , value = '']) => value.startsWith('`') && value !== '`{}`')
        .map(([field = '', , value = '']) => [kind.kind, field, value]),
    ),
  )
}

type Row = readonly string[]

function table(head: Row, body: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')
}

function rows(schema: JsonObject, prefix = ''): readonly Row[] {
  const { properties } = schema
  if (!isObject(properties)) return []
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).flatMap(([name, child]) => {
    if (!isObject(child)) return []
    const path = `${prefix}${name}${child['type'] === 'array' ? '[]' : ''}`
    const own: Row = [`\`${path}\``, typeOf(child), defaultOf(child, required.includes(name)), words(child['description'])]
    const below = isObject(child['items']) ? child['items'] : child
    const all: Row[] = [own]
    return all.concat(rows(below, `${path}.`))
  })
}

function defaultOf(schema: JsonObject, required: boolean): string {
  if (schema['default'] !== undefined) return `\`${typeof schema['default'] === 'string' ? schema['default'] : JSON.stringify(schema['default'])}\``
  return required ? 'required' : ''
}

function typeOf(schema: JsonObject): string {
  const { type, items, additionalProperties } = schema
  if (Array.isArray(schema['enum'])) return schema['enum'].map((word) => `\`${words(word)}\``).join(', ')
  if (type === 'array' && isObject(items)) return `list of ${typeOf(items)}${limits(schema, 'Items')}`
  if (isObject(additionalProperties)) return `map of ${typeOf(additionalProperties)}${limits(schema, 'Properties')}`
  if (type === 'integer') return `integer${range(schema)}`
  if (type === 'string') return schema['format'] === 'date-time' ? 'time' : `string${limits(schema, 'Length')}`
  return type === 'object' ? 'struct' : words(type)
}

function words(value: JsonObject[string] | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function limits(schema: JsonObject, what: 'Items' | 'Length' | 'Properties'): string {
  const [least, most] = [schema[`min${what}`], schema[`max${what}`]]
  if (most === undefined) return ''
  return least === undefined ? ` (≤ ${words(most)})` : ` (${words(least)}–${words(most)})`
}

function range(schema: JsonObject): string {
  const { minimum, maximum } = schema
  if (maximum === undefined) return minimum === undefined ? '' : ` ≥ ${words(minimum)}`
  return ` ${words(minimum)}–${words(maximum)}`
}

function refusals(kind: Kind): string {
  const messages = allRules(kind).map(({ rule }) => rule.message)
  return [...new Set(messages)].map((message) => `- ${message}`).join('\n')
}

function policiesOn({ plural }: Kind, policies: readonly Policy[]): readonly Row[] {
  const own = policies.filter((policy) => policy.plural === plural)
  return own.map(({ name, operations, description }) => [`\`${name}\``, operations.join(', '), description])
}

function reasons(kind: Kind): readonly Row[] {
  return Object.entries(kind.reasons).map(([reason, { conditions, needsPerson, meaning }]) => [
    `\`${reason}\``,
    conditions.length === 0 ? 'any' : conditions.join(', '),
    needsPerson ? 'yes' : '',
    meaning,
  ])
}

function events(kind: Kind): readonly Row[] {
  return Object.entries(kind.events).map(([reason, { type, when, remedy }]) => [`\`${reason}\``, type === 'Either' ? 'Normal or Warning' : type, when, remedy])
}
