import { ServiceError } from '../service-error.ts'
import type { InputFault, Operation } from './operation.ts'
import type { Protocol, WireRequest } from './protocol.ts'

/** Where an operation of a REST service lives and from where its members come. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/clusters/{name}`; the last member may hold slashes, as ARNs do. */
  readonly path: string
  /** Members in the query, by their names there; a list where several values are meant. */
  readonly query?: Readonly<Record<string, 'string' | 'integer' | 'list'>>
  readonly operation: Operation
}

/** AWS' restJson1: members in path, query and a JSON body; the error's code in a header. */
export function restJson(routes: readonly Route[], inputError: (fault: InputFault) => ServiceError): Protocol {
  const compiled = routes.map((route) => ({ route, pattern: pathPattern(route.path) }))
  return {
    decode: (request) => {
      for (const { route, pattern } of compiled) {
        const match = route.method === request.method ? pattern.exec(request.path) : null
        if (match !== null) return { operation: route.operation, input: { ...bodyOf(request), ...queryOf(request, route), ...decodePath(match.groups ?? {}) } }
      }
      throw new ServiceError('UnknownOperationException', 404, `the simulator has no route ${request.method} ${request.path}`)
    },
    encode: (_action, output, requestId) => ({ status: 200, headers: jsonHeaders(requestId), body: JSON.stringify(output) }),
    encodeError: (error, requestId) => ({
      status: error.status,
      headers: { ...jsonHeaders(requestId), 'x-amzn-errortype': error.code },
      body: JSON.stringify({ ...error.fields, message: error.message }),
    }),
    inputError,
  }
}

function jsonHeaders(requestId: string): Readonly<Record<string, string>> {
  return { 'content-type': 'application/json', 'x-amzn-requestid': requestId }
}

function pathPattern(path: string): RegExp {
  const source = path.replace(/\{(\w+)\}(\/|$)/g, (_all, name: string, end: string) =>
    end === '' && path.startsWith('/tags/') ? `(?<${name}>.+)` : `(?<${name}>[^/]+)${end}`,
  )
  return new RegExp(`^${source}/?$`)
}

function decodePath(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]))
}

function bodyOf(request: WireRequest): object {
  if (request.body === '') return {}
  try {
    const body: unknown = JSON.parse(request.body)
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  } catch {
    // the answer below says it
  }
  throw new ServiceError('SerializationException', 400, 'the body is not a JSON object')
}

/** Every query parameter becomes a member; those that the route does not name stay, so that validation refuses them. */
function queryOf(request: WireRequest, route: Route): object {
  const names = new Set([...request.query.keys()].filter((name) => !name.startsWith('X-Amz-')))
  return Object.fromEntries(
    [...names].map((name) => {
      const kind = route.query?.[name]
      const values = request.query.getAll(name)
      if (kind === 'list') return [name, values]
      return [name, kind === 'integer' ? Number(values[0]) : values[0]]
    }),
  )
}
