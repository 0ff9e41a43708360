import Type from 'typebox'
import { expect, test } from 'vitest'
import { statusBase } from './condition.ts'
import { type Kind, nameRule } from './crd.ts'
import { suspend } from './fields.ts'
import { immutable, immutableOptional } from './immutable.ts'
import { kinds } from './index.ts'
import { lintKind } from './lint.ts'
import { count, listAtomic, listMap, stringEnum, struct, text } from './schema.ts'

const good: Kind = {
  kind: 'Sample',
  plural: 'samples',
  scope: 'Namespaced',
  shortNames: ['smp'],
  description: 'A sample.',
  spec: struct({ size: count('Size.'), suspend }, 'What is wanted.'),
  status: struct(statusBase, 'What is seen.'),
  rules: [nameRule],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.a' },
    { name: 'Reason', type: 'string', jsonPath: '.b' },
    { name: 'Age', type: 'date', jsonPath: '.c' },
  ],
  conditions: ['Provisioned'],
  reasons: { Active: { conditions: ['Provisioned'], needsPerson: false, meaning: 'It is there.' } },
}

test.each(kinds)('$kind keeps the conventions', (kind) => {
  expect(lintKind(kind)).toEqual([])
})

test('the sample that the table breaks is itself in order', () => {
  expect(lintKind(good)).toEqual([])
})

const unchanged = { rule: 'self == oldSelf', message: 'a cannot change', updateOnly: true } as const
const field = (schema: Parameters<typeof struct>[0], rules: Parameters<typeof struct>[2] = {}): Partial<Kind> => ({
  spec: struct({ ...schema, suspend }, 'd', rules),
})
const bad: Readonly<Record<string, readonly [Partial<Kind>, string]>> = {
  'an unbounded list': [field({ a: Type.Array(text(1, 'd'), { description: 'd', 'x-kubernetes-list-type': 'atomic' }) }), 'spec.a: a list needs maxItems'],
  'a list without a type': [field({ a: Type.Array(text(1, 'd'), { description: 'd', maxItems: 1 }) }), 'spec.a: a list needs x-kubernetes-list-type'],
  'an unbounded string': [field({ a: Type.String({ description: 'd' }) }), 'spec.a: a string needs maxLength'],
  'an unbounded string in a list': [
    field({ a: listAtomic(Type.String({ description: 'd' }), { maxItems: 1 }, { description: 'd' }) }),
    'spec.a[]: a string needs maxLength',
  ],
  'an unbounded map': [
    field({ a: Type.Unsafe({ type: 'object', description: 'd', additionalProperties: { type: 'string', maxLength: 1 } }) }),
    'spec.a: a map needs maxProperties',
  ],
  'a map of unbounded strings': [
    field({ a: Type.Unsafe({ type: 'object', description: 'd', maxProperties: 1, additionalProperties: { type: 'string' } }) }),
    'spec.a{}: a string needs maxLength',
  ],
  'a float': [field({ a: Type.Number({ description: 'd' }) }), 'spec.a: floats lose digits'],
  'a number without a minimum': [field({ a: Type.Integer({ description: 'd' }) }), 'spec.a: a number needs a minimum'],
  'a field without a description': [field({ a: Type.Boolean() }), 'spec.a: a field needs a description'],
  'a default inside a list item': [
    field({ a: listAtomic(struct({ b: count('d', { default: 1 }) }, 'd'), { maxItems: 1 }, { description: 'd' }) }),
    'spec.a[].b: no default inside list items',
  ],
  'a duration that nobody checks': [field({ drainTimeout: text(16, 'd') }), 'spec.drainTimeout: a duration is a Go string checked by CEL'],
  'a closed set in the spelling of AWS': [
    field({ a: stringEnum(['ON_DEMAND'], { description: 'd' }) }),
    'spec.a: a closed set is spelled in PascalCase: ON_DEMAND',
  ],
  'a rule without words': [field({ a: text(1, 'd', { rules: [{ rule: 'true', message: '' }] }) }), 'spec.a: the rule true has no message'],
  'an optional field with a transition rule and no partner': [
    field({ a: Type.Optional(text(1, 'd', { rules: [unchanged] })) }),
    'spec.a: a rule with oldSelf on an optional field needs a partner on the parent',
  ],
  'an optional field compared without has()': [
    field({ a: Type.Optional(text(1, 'd')) }, { rules: [immutable('a', 'd')] }),
    'spec.a: compares an optional field without has() on both sides',
  ],
  'a transition rule that is silent at creation and does not say so': [
    field({ a: text(1, 'd', { rules: [{ rule: 'self == oldSelf', message: 'a cannot change' }] }) }),
    'spec.a: the rule "a cannot change" does not run at creation',
  ],
  'a size without its unit': [field({ diskSize: count('d') }), 'spec.diskSize: a size is a quantity, or an integer with the unit in its name'],
  'money as a number': [field({ hourly: count('d') }), 'spec.hourly: money is a decimal string'],
  'a time that is any text': [field({ startedAt: text(32, 'd') }), 'spec.startedAt: a time is RFC 3339'],
  'a share above the whole': [field({ maxPercent: count('d', { maximum: 101 }) }), 'spec.maxPercent: a share is whole percent'],
  'a reference that is a name alone': [field({ poolRef: text(52, 'd') }), 'spec.poolRef: a reference is a struct with name'],
  'another default than elsewhere': [
    field({ onTimeout: stringEnum(['Wait', 'Fail'], { default: 'Fail', description: 'd' }) }),
    'spec.onTimeout: the default of onTimeout is Wait everywhere',
  ],
  'a key that an element may leave out': [
    field({ a: listMap(struct({ key: Type.Optional(text(1, 'd')) }, 'd'), ['key'], 1, { description: 'd' }) }),
    'spec.a: a list map needs keys that every element has',
  ],
  'no suspend': [{ spec: struct({}, 'd') }, 'spec.suspend: is missing'],
  'a negative condition': [{ conditions: ['NotReady'] }, 'conditions.NotReady: True is good'],
  'a computed condition as a dependent': [{ conditions: ['Stalled'] }, 'conditions.Stalled: is computed'],
  'an owner without a policy': [
    { status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') },
    'spec.policy.management: is missing from a kind that owns AWS resources',
  ],
  'an owner that says nothing of drift': [{ status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') }, 'status.drift: is missing'],
  'a history of another shape': [
    { status: struct({ ...statusBase, history: listAtomic(struct({ who: text(1, 'd') }, 'd'), { maxItems: 10 }, { description: 'd' }) }, 'd') },
    'status.history: has the members time, operation',
  ],
  'a history without end': [
    { status: struct({ ...statusBase, history: listAtomic(struct({}, 'd'), { maxItems: 11 }, { description: 'd' }) }, 'd') },
    'status.history: keeps at most 10',
  ],
  'a CRD larger than an annotation': [field({ a: text(1, 'd'.repeat(250_000)) }), 'descriptions: the CRD is larger'],
  'no Ready column': [{ columns: good.columns.slice(1) }, 'columns: the column Ready is missing'],
  'an Age column that only -o wide shows': [
    { columns: good.columns.map((column) => (column.name === 'Age' ? { ...column, priority: 1 } : column)) },
    'columns: the column Age is missing',
  ],
  'a condition that no reason explains': [{ conditions: ['Provisioned', 'Healthy'] }, 'reasons: no reason for the condition Healthy'],
  'a reason of an unknown condition': [
    { reasons: { ...good.reasons, Odd: { conditions: ['Elsewhere'], needsPerson: false, meaning: 'It is odd.' } } },
    'reasons.Odd: the kind has no condition Elsewhere',
  ],
  'a Stalled that needs nobody': [
    { reasons: { ...good.reasons, Odd: { conditions: ['Stalled'], needsPerson: false, meaning: 'It is odd.' } } },
    'reasons.Odd: Stalled means that somebody is needed',
  ],
  'a status without conditions': [{ status: struct({ observedGeneration: statusBase.observedGeneration }, 'd') }, 'status.conditions: is missing'],
  'a name of any length': [{ rules: [] }, 'rules: names need the rule of 52 characters'],
  'no short name': [{ shortNames: [] }, 'shortNames: a short name is missing'],
}
test.each(Object.entries(bad))('%s is found, with its path', (_, [change, finding]) => {
  expect(lintKind({ ...good, ...change }).join('\n')).toContain(`Sample ${finding}`)
})

test('an optional field with its partner on the parent is in order', () => {
  const spec = struct({ a: Type.Optional(text(1, 'd', { rules: [unchanged] })), suspend }, 'd', { rules: [immutableOptional('a', 'd')] })
  expect(lintKind({ ...good, spec })).toEqual([])
})
