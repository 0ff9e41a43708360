import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { CallFilter, CallLog } from '../calls.ts'
import { faultSchema } from '../faults.ts'
import { summarize } from '../scenario/scenario.ts'
import type { World } from '../world.ts'
import { stateView } from './state-view.ts'

const clockOrder = Type.Object(
  {
    advanceSeconds: Type.Optional(Type.Number({ minimum: 0 })),
    pause: Type.Optional(Type.Literal(true)),
    resume: Type.Optional(Type.Literal(true)),
    speed: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
  },
  { additionalProperties: false },
)
const resetOrder = Type.Object({ account: Type.Optional(Type.String({ pattern: '^[0-9]{12}$' })) }, { additionalProperties: false })

const take = { clock: taker(clockOrder), fault: taker(faultSchema), reset: taker(resetOrder) }

/** Everything that is not AWS: look at the cloud, move its clock, order faults, start over. JSON in and out; a wrong order gets 400 and the rule. */
export function controlRoutes(app: FastifyInstance, { world, calls }: { readonly world: World; readonly calls: CallLog }): void {
  app.get('/_simulator/scenario', () => summarize(world.scenario))
  app.get('/_simulator/state', (request) => {
    world.clock.settle()
    return stateView(world, queryOf(request)['account'])
  })
  app.get('/_simulator/calls', (request) => {
    const filter = filterOf(queryOf(request))
    return { counts: calls.counts(filter), calls: calls.list(filter) }
  })
  app.delete('/_simulator/calls', (request) => {
    calls.clear(queryOf(request)['account'])
    return {}
  })
  app.get('/_simulator/clock', () => world.clock.state())
  app.post('/_simulator/clock', (request, reply) =>
    take.clock(request, reply, ({ pause, resume, speed, advanceSeconds }) => {
      if (pause === true) world.clock.pause()
      if (speed !== undefined) world.clock.setSpeed(speed)
      if (advanceSeconds !== undefined) world.clock.advance(advanceSeconds * 1000)
      if (resume === true) world.clock.resume()
      return world.clock.state()
    }),
  )
  app.get('/_simulator/faults', () => world.faults.list())
  app.post('/_simulator/faults', (request, reply) => take.fault(request, reply, (order) => world.faults.add(order)))
  app.delete('/_simulator/faults', (request) => {
    const { id, account } = queryOf(request)
    world.faults.clear({ ...(id === undefined ? {} : { id: Number(id) }), ...(account === undefined ? {} : { account }) })
    return world.faults.list()
  })
  app.post('/_simulator/reset', (request, reply) =>
    take.reset(request, reply, ({ account }) => {
      world.reset(account)
      calls.clear(account)
      world.faults.clear(account === undefined ? {} : { account })
      return {}
    }),
  )
  app.all('/_simulator/*', (request, reply) => reply.code(404).send({ message: `no ${request.method} ${request.url}` }))
}

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

function queryOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return request.query as Readonly<Record<string, string | undefined>>
}

function filterOf({ account, service, action, access, after }: Readonly<Record<string, string | undefined>>): CallFilter {
  return {
    ...(account === undefined ? {} : { account }),
    ...(service === undefined ? {} : { service }),
    ...(action === undefined ? {} : { action }),
    ...(access === 'read' || access === 'write' ? { access } : {}),
    ...(after === undefined ? {} : { after: Number(after) }),
  }
}
