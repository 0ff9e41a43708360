import Type, { type Static, type TArray, type TInteger, type TObject, type TProperties, type TSchema, type TString, type TUnsafe } from 'typebox'

/** One CEL rule as the API server takes it. Keep `message` constant text; a `messageExpression` counts against the cost budget too. */
export interface Rule {
  readonly rule: string
  readonly message: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly fieldPath?: string
  /** Makes a rule with `oldSelf` run at creation too; `oldSelf` is then an optional value. */
  readonly optionalOldSelf?: boolean
  /** Says that a rule with `oldSelf` is meant to be silent at creation; for the lint, not sent to the API server. */
  readonly updateOnly?: true
}

export interface Options {
  readonly description: string
  readonly default?: unknown
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

/** A struct. `rules` are CEL rules that see the struct as `self`. */
export function struct<P extends TProperties>(
  properties: P,
  description: string,
  more: { readonly rules?: readonly Rule[]; readonly default?: object } = {},
): TObject<P> {
  return Type.Object(properties, {
    description,
    ...(more.default === undefined ? {} : { default: more.default }),
    ...(more.rules === undefined ? {} : { 'x-kubernetes-validations': [...more.rules] }),
  })
}

/** A bounded string without a shape of its own. */
export function text(maxLength: number, description: string, more: { readonly minLength?: number; readonly rules?: readonly Rule[] } = {}): TString {
  return Type.String({
    ...(more.minLength === undefined ? {} : { minLength: more.minLength }),
    maxLength,
    description,
    ...(more.rules === undefined ? {} : { 'x-kubernetes-validations': [...more.rules] }),
  })
}

/**
 * A bounded string of one shape. The shape is a CEL rule and not `pattern`, because a rule is refused with our own `words` and a pattern with itself.
 * `pattern` is RE2 (no look-around).
 */
export function shaped(
  pattern: string,
  words: string,
  limits: { readonly maxLength: number; readonly default?: string; readonly rules?: readonly Rule[] },
  description: string,
): TString {
  return Type.String({
    maxLength: limits.maxLength,
    description,
    ...(limits.default === undefined ? {} : { default: limits.default }),
    'x-kubernetes-validations': [matches('self', pattern, words), ...(limits.rules ?? [])],
  })
}

/** The rule that the CEL expression `subject` matches `pattern`. */
export function matches(subject: string, pattern: string, message: string): Rule {
  return { rule: `${subject}.matches('${pattern.replaceAll('\\', '\\\\')}')`, message }
}

/**
 * A Go duration of hours, minutes and seconds, such as 1h30m, from `atLeast` to `atMost` (Go durations as well). CEL's `duration()` would fail on what
 * is none, and the API server would then answer with that failure and not with our words; so the shape is asked first.
 */
export function duration(field: string, limits: { readonly atLeast: string; readonly atMost: string; readonly default: string }, description: string): TString {
  const { atLeast, atMost } = limits
  return Type.String({
    maxLength: 16,
    default: limits.default,
    description,
    'x-kubernetes-validations': [
      {
        rule: `self.matches('^([0-9]{1,5}[hms])+$') && duration(self) >= duration('${atLeast}') && duration(self) <= duration('${atMost}')`,
        message: `${field} must be a duration such as 1h or 1h30m, from ${atLeast} to ${atMost}`,
      },
    ],
  })
}

/** An amount of money as a decimal string: floats lose digits on the way. */
export function money(field: string, description: string): TString {
  return shaped('^[0-9]{1,9}(\\.[0-9]{1,6})?$', `${field} must be a decimal number in quotes, such as "3.072"`, { maxLength: 16 }, description)
}

/** A 32-bit number; at least 0 when nothing else is said. */
export function count(description: string, more: { readonly minimum?: number; readonly maximum?: number; readonly default?: number } = {}): TInteger {
  return Type.Integer({ format: 'int32', minimum: 0, ...more, description })
}

/** RFC 3339, whole seconds. */
export function time(description: string): TString {
  return Type.String({ format: 'date-time', description })
}

/** A closed set. TypeBox' own `Enum` has no `type`, which is not structural. */
export function stringEnum<const T extends readonly string[]>(values: T, options: Options): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options })
}

/** A map of bounded strings. TypeBox' own `Record` becomes `patternProperties`, which is not structural. */
export function stringMap(
  limits: { readonly minProperties?: number; readonly maxProperties: number; readonly maxLength: number },
  options: Options,
): TUnsafe<Record<string, string>> {
  const { maxLength, ...size } = limits
  return Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: { type: 'string', maxLength }, ...size, ...options })
}

/** A list whose elements are known by key: server-side apply merges it element by element, and transition rules can follow an element. */
export function listMap<S extends TObject, K extends keyof Static<S> & string>(item: S, keys: readonly K[], maxItems: number, options: Options): TArray<S> {
  return Type.Array(item, { maxItems, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [...keys], ...options })
}

/** A list without order and without repetition. */
export function listSet<S extends TSchema>(item: S, limits: { readonly minItems?: number; readonly maxItems: number }, options: Options): TArray<S> {
  return Type.Array(item, { ...limits, 'x-kubernetes-list-type': 'set', ...options })
}

/** A list that is written as a whole: order counts, and managedFields stay small. */
export function listAtomic<S extends TSchema>(item: S, limits: { readonly minItems?: number; readonly maxItems: number }, options: Options): TArray<S> {
  return Type.Array(item, { ...limits, 'x-kubernetes-list-type': 'atomic', ...options })
}

/** A struct of which exactly one member is given. */
export function oneOf<P extends TProperties>(members: P, description: string, message: string): TObject<P> {
  const given = Object.keys(members).map((name) => `(has(self.${name}) ? 1 : 0)`)
  return struct(members, description, { rules: [{ rule: `${given.join(' + ')} == 1`, message }] })
}
