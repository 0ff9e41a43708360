import Type from 'typebox'
import { expect, test } from 'vitest'
import { statusBase } from './condition.ts'
import { type Kind, nameRule } from './crd.ts'
import { suspend } from './fields.ts'
import { immutable, immutableOptional } from './immutable.ts'
import { kinds } from './index.ts'
import { lintKind } from './lint.ts'
import { commonReasons } from './reasons.ts'
import { count, duration, listAtomic, listMap, oneOf, stringEnum, struct, text } from './schema.ts'

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
  reasons: { ...commonReasons, Active: { conditions: ['Provisioned'], needsPerson: false, meaning: 'It is there.' } },
  events: {},
}

test.each(kinds)('$kind keeps the conventions', (kind) => {
  expect(lintKind(kind)).toEqual([])
})

test('the sample that the table breaks is itself in order', () => {
  expect(lintKind(good)).toEqual([])
})

const notBoth = { rule: '!has(self.b) || !has(self.c)', message: 'a takes one of them' }
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
  'a union that takes both members': [
    field({ a: struct({ b: Type.Optional(struct({}, 'd')), c: Type.Optional(struct({}, 'd')) }, 'd') }),
    'spec.a: a union needs the rule that exactly one member is given',
  ],
  'a union whose rule takes none': [
    field({ a: struct({ b: Type.Optional(struct({}, 'd')), c: Type.Optional(struct({}, 'd')) }, 'd', { rules: [notBoth] }) }),
    'spec.a: a union needs the rule that exactly one member is given',
  ],
  'a union whose rule forgets a member': [
    field({
      a: struct({ b: Type.Optional(struct({}, 'd')), c: Type.Optional(struct({}, 'd')), e: Type.Optional(struct({}, 'd')) }, 'd', {
        rules: [{ rule: 'has(self.b) != has(self.c)', message: 'a needs one' }],
      }),
    }),
    'spec.a: a union needs the rule that exactly one member is given',
  ],
  'words that promise exactly one, and a rule that does not': [
    field({
      a: struct({ b: Type.Optional(text(1, 'd')), c: Type.Optional(text(1, 'd')), e: text(1, 'd') }, 'd', {
        rules: [{ ...notBoth, message: 'a needs exactly one of b, c' }],
      }),
    }),
    'spec.a: the rule "a needs exactly one of b, c" does not demand exactly one',
  ],
  'a duration as a number': [field({ drainTimeout: count('d') }), 'spec.drainTimeout: a duration is a Go string checked by CEL'],
  'a size without its unit': [field({ diskSize: count('d') }), 'spec.diskSize: a size is a quantity, or an integer with the unit in its name'],
  'money as a number': [field({ hourly: count('d') }), 'spec.hourly: money is a decimal string'],
  'money as any text': [field({ hourly: text(16, 'd') }), 'spec.hourly: money is a decimal string: its shape is checked'],
  'a time that is any text': [field({ startedAt: text(32, 'd') }), 'spec.startedAt: a time is RFC 3339'],
  'a share above the whole': [field({ maxPercent: count('d', { maximum: 101 }) }), 'spec.maxPercent: a share is whole percent'],
  'a reference that is a name alone': [field({ poolRef: text(52, 'd') }), 'spec.poolRef: a reference is a struct with name'],
  'a list of references that are names alone': [
    field({ poolRefs: listAtomic(text(52, 'd'), { maxItems: 1 }, { description: 'd' }) }),
    'spec.poolRefs[]: a reference is a struct with name',
  ],
  'a reference into another namespace': [
    field({ poolRef: struct({ name: text(52, 'd'), namespace: text(63, 'd') }, 'd') }),
    'spec.poolRef: a reference stays in its namespace',
  ],
  'a kind that refers and does not say what is missing': [field({ poolRef: struct({ name: text(52, 'd') }, 'd') }), 'reasons.ReferenceNotFound: is missing'],
  'a timeout with another default': [
    field({ timeout: duration('timeout', { atLeast: '1m', atMost: '9h', default: '2h' }, 'd') }),
    'spec.timeout: the default of timeout is 1h everywhere',
  ],
  'a management without its default': [
    field({ policy: struct({ management: stringEnum(['Manage', 'Observe'], { description: 'd' }) }, 'd') }),
    'spec.policy.management: the default of management is Manage everywhere',
  ],
  'an adoption with another default': [
    field({ policy: struct({ adoption: stringEnum(['CreateOnly', 'AdoptOrCreate', 'AdoptOnly'], { default: 'AdoptOnly', description: 'd' }) }, 'd') }),
    'spec.policy.adoption: the default of adoption is CreateOnly everywhere',
  ],
  'a word of its own for what all kinds know': [
    field({ policy: struct({ deletion: stringEnum(['Delete', 'Keep'], { description: 'd' }) }, 'd') }),
    'spec.policy.deletion: the words of deletion are Delete, Retain everywhere',
  ],
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
  'a kind that cannot say that it is frozen': [
    { reasons: { ...good.reasons, Frozen: { ...commonReasons.Frozen, conditions: ['Ready'] } } },
    'reasons.Frozen: is missing from Paused',
  ],
  'an owner that cannot be observed with a reference and a name': [
    { ...field({ size: count('d') }), status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') },
    'spec: management Observe needs the reference and the name alone, so nothing else is required: size',
  ],
  'an owner whose deletion has a default': [
    {
      ...field({ policy: struct({ deletion: stringEnum(['Delete', 'Retain'], { default: 'Delete', description: 'd' }) }, 'd') }),
      status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd'),
    },
    'spec.policy.deletion: has no default in the schema',
  ],
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
  'conditions that are written as a whole': [
    { status: struct({ ...statusBase, conditions: Type.Optional(listAtomic(struct({}, 'd'), { maxItems: 1 }, { description: 'd' })) }, 'd') },
    'status.conditions: must be a list map by type',
  ],
  'a status of no generation': [{ status: struct({ conditions: statusBase.conditions }, 'd') }, 'status.observedGeneration: is missing'],
  'an owner that is never in sync': [{ status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') }, 'conditions.InSync: is missing'],
  'an owner that anybody may delete by mistake': [
    { status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') },
    'deletion: what it made in AWS would go with it',
  ],
  'an owner without a history': [{ status: struct({ ...statusBase, ownership: struct({}, 'd') }, 'd') }, 'status.history: is missing'],
  'a drift without a remedy': [
    { status: struct({ ...statusBase, ownership: struct({}, 'd'), drift: listAtomic(struct({}, 'd'), { maxItems: 1 }, { description: 'd' }) }, 'd') },
    'status.drift: has the members field, desired, actual, remedy',
  ],
  'a condition of two words': [{ conditions: ['Is there'] }, 'conditions.Is there: a condition is one word in PascalCase'],
  'a reason of two words': [
    { reasons: { ...good.reasons, 'Is odd': { conditions: ['Provisioned'], needsPerson: false, meaning: 'It is odd.' } } },
    'reasons.Is odd: a reason is one word in PascalCase',
  ],
  'a reason that nobody explains': [
    { reasons: { ...good.reasons, Odd: { conditions: ['Provisioned'], needsPerson: false, meaning: '' } } },
    'reasons.Odd: the meaning is missing',
  ],
  'an Event of two words': [
    { events: { 'Is odd': { type: 'Normal', when: 'It is odd.', remedy: 'Nothing.' } } },
    'events.Is odd: a reason is one word in PascalCase',
  ],
  'an Event that nobody explains': [{ events: { Odd: { type: 'Normal', when: '', remedy: 'Nothing.' } } }, 'events.Odd: when it is told is missing'],
  'a Warning after which there is nothing to do': [
    { events: { Odd: { type: 'Warning', when: 'It is odd.', remedy: 'Nothing.' } } },
    'events.Odd: a Warning says what to do',
  ],
  'a kind that nobody explains': [{ description: '' }, 'description: is missing'],
  'Ready somewhere in the middle': [{ columns: [...good.columns].toReversed() }, 'columns: Ready stands first and Age last'],
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
  'a reason that waits for an edit without being Stalled': [
    { reasons: { ...good.reasons, Odd: { conditions: ['Provisioned'], needsPerson: true, needsEdit: true, meaning: 'It is odd.' } } },
    'reasons.Odd: only what is Stalled waits for an edit',
  ],
  'conditions that say nothing of the generation': [
    {
      status: struct({ ...statusBase, conditions: Type.Optional(listMap(struct({ type: text(1, 'd') }, 'd'), ['type'], 16, { description: 'd' })) }, 'd'),
    },
    'status.conditions: is a list of metav1.Condition: observedGeneration is missing',
  ],
  'a status without conditions': [{ status: struct({ observedGeneration: statusBase.observedGeneration }, 'd') }, 'status.conditions: is missing'],
  'a name of any length': [{ rules: [] }, 'rules: names need the rule of 52 characters'],
  'no short name': [{ shortNames: [] }, 'shortNames: a short name is missing'],
}
test.each(Object.entries(bad))('%s is found, with its path', (_, [change, finding]) => {
  expect(lintKind({ ...good, ...change }).join('\n')).toContain(`Sample ${finding}`)
})

test('a union that demands exactly one member is in order', () => {
  const members = { b: Type.Optional(struct({}, 'd')), c: Type.Optional(struct({}, 'd')) }
  expect(lintKind({ ...good, ...field({ a: oneOf(members, 'd', 'a needs exactly one of b, c') }) })).toEqual([])
})

test('an optional field with its partner on the parent is in order', () => {
  const spec = struct({ a: Type.Optional(text(1, 'd', { rules: [unchanged] })), suspend }, 'd', { rules: [immutableOptional('a', 'd')] })
  expect(lintKind({ ...good, spec })).toEqual([])
})
