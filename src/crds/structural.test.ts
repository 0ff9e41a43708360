import Type from 'typebox'
import { expect, test } from 'vitest'
import { stringEnum } from './schema.ts'
import { toStructural } from './structural.ts'

const refused: Readonly<Record<string, readonly [object, RegExp]>> = {
  'a union of literals': [Type.Object({ a: Type.Union([Type.Literal('x'), Type.Literal('y')]) }), /^spec\.a: type is missing/],
  'a record': [Type.Object({ a: Type.Record(Type.String(), Type.String()) }), /spec\.a: "patternProperties" is not structural/],
  'a constant': [Type.Object({ a: Type.Literal('x') }), /spec\.a: "const" is not structural/],
  'a tuple in a list': [Type.Object({ a: Type.Array(Type.Tuple([Type.String()])) }), /spec\.a\[\]: /],
  'a struct that takes no other field': [
    Type.Object({ a: Type.Object({}, { additionalProperties: false }) }),
    /spec\.a: "additionalProperties" is not structural/,
  ],
  'a reference': [Type.Object({ a: Type.Ref('x') }), /spec\.a: "\$ref" is not structural/],
}
test.each(Object.entries(refused))('%s is refused with its path', (_, [schema, message]) => {
  expect(() => toStructural(schema, 'spec')).toThrow(message)
})

test('a field with a default may be left out, one without may not', () => {
  const schema = Type.Object({ a: Type.Integer(), b: stringEnum(['x'], { description: 'd', default: 'x' }), c: Type.Optional(Type.String()) })
  expect(toStructural(schema, 'spec')).toMatchObject({ required: ['a'] })
  expect(toStructural(Type.Object({ b: Type.Integer({ default: 1 }) }), 'spec')).not.toHaveProperty('required')
})

test('exclusive bounds take the spelling of OpenAPI 3.0', () => {
  expect(toStructural(Type.Integer({ exclusiveMinimum: 0, exclusiveMaximum: 9 }), 'spec')).toEqual({
    type: 'integer',
    minimum: 0,
    exclusiveMinimum: true,
    maximum: 9,
    exclusiveMaximum: true,
  })
})
