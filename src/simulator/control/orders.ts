import type { FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { faultSchema } from '../faults.ts'
import { happening } from './happenings.ts'
import { policyDocument } from '../policy/document.ts'

const closed = { additionalProperties: false } as const

const clockOrder = Type.Object(
  {
    advanceSeconds: Type.Optional(Type.Number({ minimum: 0 })),
    pause: Type.Optional(Type.Literal(true)),
    resume: Type.Optional(Type.Literal(true)),
    speed: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
  },
  closed,
)
const accountId = Type.String({ pattern: '^[0-9]{12}$' })
const resetOrder = Type.Object({ account: Type.Optional(accountId) }, closed)

const policyOrder = Type.Object({ account: accountId, policy: Type.Union([policyDocument, Type.Null()]) }, closed)

/** One taker for each kind of order. */
export const take = { happening: taker(happening), policy: taker(policyOrder), clock: taker(clockOrder), fault: taker(faultSchema), reset: taker(resetOrder) }

/** Checks a body against a schema once compiled, and acts on it or answers 400. */
function taker<S extends TSchema>(schema: S): (request: FastifyRequest, reply: FastifyReply, act: (order: Static<S>) => unknown) => unknown {
  const validator = Compile(schema)
  return (request, reply, act) => {
    const body = parsed(request.body)
    if (validator.Check(body)) return act(body)
    const faults = [...validator.Errors(body)].map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`)
    return reply.code(400).send({ message: faults.join('; ') })
  }
}

function parsed(body: unknown): unknown {
  try {
    return typeof body === 'string' && body !== '' ? JSON.parse(body) : {}
  } catch {
    return undefined
  }
}
