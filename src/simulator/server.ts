import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from '../observability/logger.ts'
import type { Dispatcher } from './wire/dispatcher.ts'
import type { WireRequest } from './wire/protocol.ts'

/** The largest request that is read: far above anything that AWS takes here (user data is 16 KiB). */
const bodyLimit = 1024 * 1024

/** One address for every service, and `/_simulator/` for what is not AWS. */
export function createServer(options: {
  readonly dispatcher: Dispatcher
  readonly log: Logger
  readonly control: (app: FastifyInstance) => void
}): FastifyInstance {
  const { dispatcher, log, control } = options
  const app = fastify({ bodyLimit, keepAliveTimeout: 75_000, forceCloseConnections: true, exposeHeadRoutes: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  control(app)
  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'],
    url: '*',
    handler: async (request, reply) => {
      const { answer, drop } = await dispatcher.dispatch(wireRequest(request))
      if (drop) {
        log.warn({ path: request.url }, 'the call was carried out and its answer dropped, as ordered')
        reply.hijack()
        request.raw.socket.destroy()
        return
      }
      await reply.code(answer.status).headers(answer.headers).send(answer.body)
    },
  })
  return app
}

function wireRequest(request: FastifyRequest): WireRequest {
  const question = request.url.indexOf('?')
  return {
    method: request.method,
    path: question < 0 ? request.url : request.url.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : request.url.slice(question + 1)),
    headers: request.headers,
    body: typeof request.body === 'string' ? request.body : '',
  }
}
