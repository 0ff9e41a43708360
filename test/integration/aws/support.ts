import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { createBudgets } from '../../../src/aws/budgets.ts'
import { type Aws, type AwsOptions, createAws } from '../../../src/aws/ports.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createMetrics, type Metrics } from '../../../src/observability/metrics.ts'

/** One request as it stood on the wire. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** What to do with one: an answer, no answer ever, or a connection that breaks. */
export type WireAnswer = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown } | 'silence' | 'break'

export interface WireServer {
  readonly url: string
  readonly requests: readonly WireRequest[]
  /** Connections that are open now. */
  connections(): Promise<number>
  close(): Promise<void>
}

/** A server that says what a test tells it, for faults of the wire itself; what AWS means is the simulator's to know. */
export async function startWireServer(answer: (request: WireRequest, count: number) => WireAnswer): Promise<WireServer> {
  const requests: WireRequest[] = []
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = { method: incoming.method ?? '', path: incoming.url ?? '', body: await read(incoming) }
    requests.push(request)
    reply(response, answer(request, requests.length))
  }
  const server = createServer((incoming, response) => {
    void serve(incoming, response)
  })
  server.keepAliveTimeout = 60_000 // it waits longer than any client of a test
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    connections: async () => await promisify(server.getConnections.bind(server))(),
    close: async () => {
      await stop(server)
    },
  }
}

export function testAws(url: string, options: Partial<AwsOptions> = {}): { readonly aws: Aws; readonly metrics: Metrics } {
  const metrics = options.metrics ?? createMetrics()
  const clock = systemClock
  const aws = createAws({
    region: 'us-west-2',
    endpoint: url,
    credentials: async () => await Promise.resolve({ accessKeyId: '111122223333', secretAccessKey: 'test' }),
    budgets: createBudgets({ clock, metrics }),
    beforeWrite: async () => await Promise.resolve(undefined),
    clock,
    metrics,
    log: pino({ level: 'silent' }),
    ...options,
  })
  return { aws, metrics }
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function reply(response: ServerResponse, answer: WireAnswer): void {
  if (answer === 'silence') return
  if (answer === 'break') {
    response.destroy()
    return
  }
  const text = typeof answer.body === 'string'
  response.writeHead(answer.status ?? 200, { 'content-type': text ? 'text/xml' : 'application/json', ...answer.headers })
  response.end(text ? answer.body : JSON.stringify(answer.body))
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
}
