import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const oneOrMore = Type.Union([Type.String(), Type.Array(Type.String())])

const keys = Type.Optional(Type.Record(Type.String(), oneOrMore))

/** The operators that are evaluated; a document with another one is refused, since guessing would make a test green for nothing. */
const condition = Type.Object(
  {
    StringEquals: keys,
    StringNotEquals: keys,
    StringLike: keys,
    StringNotLike: keys,
    ArnEquals: keys,
    ArnLike: keys,
    Bool: keys,
    Null: keys,
  },
  closed,
)
export type ConditionOperator = keyof Static<typeof condition>

const statement = Type.Object(
  {
    Sid: Type.Optional(Type.String()),
    Effect: Type.Enum(['Allow', 'Deny']),
    Action: Type.Optional(oneOrMore),
    NotAction: Type.Optional(oneOrMore),
    Resource: Type.Optional(oneOrMore),
    NotResource: Type.Optional(oneOrMore),
    Condition: Type.Optional(condition),
  },
  closed,
)

/** An identity policy as IAM takes it. */
export const policyDocument = Type.Object({ Version: Type.Literal('2012-10-17'), Statement: Type.Array(statement, { minItems: 1 }) }, closed)

export type PolicyDocument = Static<typeof policyDocument>
export type PolicyStatement = PolicyDocument['Statement'][number]
