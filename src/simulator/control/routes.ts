import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CallFilter, CallLog } from '../calls.ts'
import type { Policies } from '../policy/policies.ts'
import { summarize } from '../scenario/scenario.ts'
import type { World } from '../world.ts'
import { ServiceError } from '../service-error.ts'
import { happen } from './happen.ts'
import { take } from './orders.ts'
import { stateView } from './state-view.ts'

export interface ControlParts {
  readonly world: World
  readonly calls: CallLog
  readonly policies: Policies
}

/** Everything that is not AWS: look at the cloud, move its clock, order faults, start over. JSON in and out; a wrong order gets 400 and the rule. */
export function controlRoutes(app: FastifyInstance, parts: ControlParts): void {
  lookRoutes(app, parts)
  clockRoutes(app, parts)
  orderRoutes(app, parts)
  app.all('/_simulator/*', (request, reply) => reply.code(404).send({ message: `no ${request.method} ${request.url}` }))
}

function lookRoutes(app: FastifyInstance, { world, calls }: ControlParts): void {
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
}

function clockRoutes(app: FastifyInstance, { world }: ControlParts): void {
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
}

function orderRoutes(app: FastifyInstance, { world, calls, policies }: ControlParts): void {
  app.get('/_simulator/faults', () => world.faults.list())
  app.post('/_simulator/faults', (request, reply) => take.fault(request, reply, (order) => world.faults.add(order)))
  app.delete('/_simulator/faults', (request) => {
    const { id, account } = queryOf(request)
    world.faults.clear({ ...(id === undefined ? {} : { id: Number(id) }), ...(account === undefined ? {} : { account }) })
    return world.faults.list()
  })
  app.post('/_simulator/orders', (request, reply) =>
    take.happening(request, reply, (order) => {
      try {
        happen(world, order)
        return {}
      } catch (error) {
        if (error instanceof ServiceError) return reply.code(error.status).send({ message: error.message })
        throw error
      }
    }),
  )
  app.post('/_simulator/policy', (request, reply) =>
    take.policy(request, reply, ({ account, policy }) => {
      policies.set(account, policy)
      return {}
    }),
  )
  app.post('/_simulator/reset', (request, reply) =>
    take.reset(request, reply, ({ account }) => {
      world.reset(account)
      calls.clear(account)
      policies.clear(account)
      world.faults.clear(account === undefined ? {} : { account })
      return {}
    }),
  )
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
