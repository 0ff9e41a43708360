import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import Value from 'typebox/value'
import type { Region } from '../region.ts'
import type { Role } from '../state.ts'
import type { Sessions } from '../sts/sessions.ts'

/** One call while it is answered. */
export interface Call {
  readonly region: Region
  readonly sessions: Sessions
  /** A role of any account, by its name without the path. */
  readonly roleIn: (account: string, name: string) => Role | undefined
  readonly accessKeyId: string
  readonly requestId: string
}

/** One operation of a service. Its input is validated before `run`; what it answers is written in the wire's member names. */
export interface Operation {
  readonly name: string
  readonly access: 'read' | 'write'
  /** What is wrong with an input, in words, or undefined. */
  readonly fault: (input: unknown) => InputFault | undefined
  /** Turns the strings of a query protocol into what the schema says. */
  readonly convert: (input: unknown) => unknown
  readonly run: (input: unknown, call: Call) => object
}

export interface InputFault {
  readonly kind: 'missing' | 'unknown' | 'invalid'
  /** The member, with dots. */
  readonly member: string
  readonly rule: string
}

/**
 * Declares an operation. The schema lists every member that this simulator models and refuses all others, so that nothing is silently accepted
 * that has no effect here.
 */
export function operation<S extends TSchema>(name: string, access: 'read' | 'write', input: S, run: (input: Static<S>, call: Call) => object): Operation {
  const validator = Compile(input)
  return {
    name,
    access,
    fault: (value) => worst([...validator.Errors(value)].filter(({ message }) => message !== 'schema is false')),
    convert: (value) => Value.Convert(input, withEmptyLists(input, value)),
    run: (value, call) => run(value as Static<S>, call),
  }
}

/** A form writes an empty list as `Name=`, which is not a list of one empty string. */
function withEmptyLists(schema: TSchema, value: unknown): unknown {
  const properties = (schema as { readonly properties?: Readonly<Record<string, { readonly type?: string }>> }).properties ?? {}
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([name, member]: [string, unknown]) => [name, member === '' && properties[name]?.type === 'array' ? [] : member]),
  )
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

/** The error that says most: missing members first, then unknown ones, then broken rules. */
function worst(errors: readonly SchemaError[]): InputFault | undefined {
  const listed = (error: SchemaError, key: string): string => {
    const names = (error.params as Record<string, readonly string[] | undefined>)[key]
    return [...error.instancePath.split('/').filter(Boolean), names?.[0] ?? ''].join('.')
  }
  const missing = errors.find(({ keyword }) => keyword === 'required')
  if (missing !== undefined) return { kind: 'missing', member: listed(missing, 'requiredProperties'), rule: 'Member must not be null' }
  const unknown = errors.find(({ keyword }) => keyword === 'additionalProperties')
  if (unknown !== undefined) return { kind: 'unknown', member: listed(unknown, 'additionalProperties'), rule: 'the simulator does not model this member' }
  const first = errors[0]
  if (first === undefined) return undefined
  const allowed = (first.params as { readonly allowedValues?: readonly string[] }).allowedValues
  const rule = allowed === undefined ? first.message : `${first.message}: [${allowed.join(', ')}]`
  return { kind: 'invalid', member: first.instancePath.split('/').filter(Boolean).join('.'), rule }
}
