import type { Rule } from './schema.ts'
import { isObject, type JsonObject } from './structural.ts'

type Say = (path: string, message: string) => void

/**
 * A union is a struct of which exactly one member is given, and a CEL rule demands it. What is one, its shape says (nothing but optional structs), or
 * its own words do (`exactly one of`).
 */
export function lintUnion(schema: JsonObject, path: string, say: Say): void {
  if (!path.startsWith('spec') || !isObject(schema['properties'])) return
  const rules = Array.isArray(schema['x-kubernetes-validations']) ? (schema['x-kubernetes-validations'] as unknown as readonly Rule[]) : []
  const members = Object.entries(schema['properties'])
  const choices = members.length > 1 && schema['required'] === undefined && members.every(([, member]) => isChoice(member))
  if (
    choices &&
    !rules.some(({ rule }) =>
      demandsOne(
        rule,
        members.map(([name]) => name),
      ),
    )
  ) {
    say(path, 'a union needs the rule that exactly one member is given (oneOf)')
  }
  for (const { rule, message } of rules) {
    const named = /exactly one of ((?:\w+, )+\w+)/.exec(message)?.[1]?.split(', ')
    if (named !== undefined && !demandsOne(rule, named)) say(path, `the rule "${message}" does not demand exactly one`)
  }
}

function isChoice(member: JsonObject[string]): boolean {
  return isObject(member) && member['type'] === 'object' && member['default'] === undefined && member['additionalProperties'] === undefined
}

/** The two ways in which we write it: a sum that is 1 and, of two members, an exclusive or. */
function demandsOne(rule: string, names: readonly string[]): boolean {
  const sum = `${names.map((name) => `(has(self.${name}) ? 1 : 0)`).join(' + ')} == 1`
  const [first, second] = names
  return rule === sum || (names.length === 2 && rule === `has(self.${first}) != has(self.${second})`)
}
