import { type IncomingMessage, type Server, type ServerResponse, createServer, request as plainRequest } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { systemClock } from '../../src/lib/clock.ts'
import type { ClusterAccess } from '../../src/kube/cluster-access.ts'

/** What becomes of a request that a rule fits. */
export type Fault =
  /** Answered by us; the API server sees nothing. */
  | { readonly answer: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** Goes through after a while, and then `chunkDelayMs` between any two pieces of the answer. */
  | { readonly delayMs: number; readonly chunkDelayMs?: number }
  /** The first whole line goes through, then half of the next one, then the answer ends as if it were complete. */
  | { readonly truncate: true }
  /** Accepted, and then nothing, for ever. */
  | { readonly silence: true }
  /** Goes through, and its answer is never given; told once when that came, or when it is clear that none will. */
  | { readonly swallow: () => void }
  /** The lines given, and then nothing. */
  | { readonly lines: readonly string[] }

export interface Rule {
  readonly match: (request: ProxiedRequest) => boolean
  readonly fault: Fault
  /** How often; for ever by default. */
  times?: number
}

export interface ProxiedRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
  readonly atMs: number
}

export function isWatch({ query }: ProxiedRequest): boolean {
  return query.get('watch') === 'true'
}

export function isWatchList({ query }: ProxiedRequest): boolean {
  return query.get('sendInitialEvents') === 'true'
}

/** Stands between one client (plain HTTP) and a real API server (HTTPS) or a simulated AWS, and breaks what it is told to break. */
export class FaultProxy {
  /** Every request that arrived, in order. */
  readonly requests: ProxiedRequest[] = []
  readonly #rules: Rule[] = []
  readonly #sockets = new Set<Socket>()
  readonly #frozen = new Set<Socket>()
  readonly #target: ClusterAccess
  readonly #server: Server
  #port = 0

  private constructor(target: ClusterAccess) {
    this.#target = target
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(target: ClusterAccess): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    await proxy.accept()
    return proxy
  }

  /** The same cluster and credentials, by way of the proxy. */
  get access(): ClusterAccess {
    return { ...this.#target, server: new URL(`http://127.0.0.1:${this.#port}`) }
  }

  /** Gives what takes the rule away again. The rule added last wins. */
  rule(rule: Rule): () => void {
    this.#rules.unshift(rule)
    return () => {
      const index = this.#rules.indexOf(rule)
      if (index >= 0) this.#rules.splice(index, 1)
    }
  }

  /** Resets every connection, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.#sockets) if (!this.#frozen.has(socket)) socket.resetAndDestroy()
  }

  /** From now on the present connections carry nothing in either direction, and nobody is told. New ones work. */
  halfOpen(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket)
  }

  /** Nobody listens: connections are reset, and new ones refused. */
  async refuse(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }

  /** Listens, again on the same port. */
  async accept(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#rules.length = 0
    if (this.#server.listening) await this.refuse()
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://proxy')
    const atMs = systemClock.monotonicMs()
    const body = await text(incoming).catch(() => undefined)
    if (body === undefined || this.#frozen.has(incoming.socket)) return
    const seen: ProxiedRequest = { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams, body, atMs }
    this.requests.push(seen)
    const fault = this.#faultFor(seen)
    if (fault === undefined || 'truncate' in fault || 'swallow' in fault) {
      await this.#forward(incoming, outgoing, body, fault)
    } else if ('delayMs' in fault) {
      await systemClock.sleep(fault.delayMs)
      await this.#forward(incoming, outgoing, body, fault)
    } else if ('answer' in fault) {
      outgoing.writeHead(fault.answer, fault.headers)
      outgoing.end(fault.body ?? '')
    } else if ('lines' in fault) {
      outgoing.writeHead(200, { 'content-type': 'application/json' })
      for (const line of fault.lines) outgoing.write(`${line}\n`)
    }
  }

  #faultFor(seen: ProxiedRequest): Fault | undefined {
    const rule = this.#rules.find(({ match, times }) => times !== 0 && match(seen))
    if (rule?.times !== undefined) rule.times -= 1
    return rule?.fault
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse, body: string, fault: Fault | undefined): Promise<void> {
    const { ca } = await this.#target.tls()
    const { server } = this.#target
    const { method, headers, socket } = incoming
    const options = { host: server.hostname, port: server.port, method, path: incoming.url, headers: { ...headers, host: server.host } }
    const onward = server.protocol === 'http:' ? plainRequest(options) : request({ ...options, ca })
    outgoing.on('close', () => onward.destroy())
    onward.on('error', () => {
      if (!this.#frozen.has(socket)) socket.resetAndDestroy()
    })
    if (fault !== undefined && 'swallow' in fault) {
      onward.once('close', fault.swallow).on('response', (answer) => answer.resume())
    } else {
      onward.on('response', (answer) => void this.#relay(answer, outgoing, socket, fault))
    }
    onward.end(body)
  }

  async #relay(answer: IncomingMessage, outgoing: ServerResponse, socket: Socket, fault: Fault | undefined): Promise<void> {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    outgoing.flushHeaders()
    const chunkDelayMs = fault !== undefined && 'delayMs' in fault ? (fault.chunkDelayMs ?? 0) : 0
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        if (this.#frozen.has(socket)) continue
        if (chunkDelayMs > 0) await systemClock.sleep(chunkDelayMs)
        if (fault !== undefined && 'truncate' in fault) {
          outgoing.end(chunk.subarray(0, truncationOf(chunk)))
          return
        }
        outgoing.write(chunk)
      }
      if (!this.#frozen.has(socket)) outgoing.end()
    } catch {
      // the API server was killed in the middle of its answer: so is ours
      if (!this.#frozen.has(socket)) socket.resetAndDestroy()
    }
  }
}

/** Past the first line where there are several, and then into the middle of the next. */
function truncationOf(chunk: Buffer): number {
  const first = chunk.indexOf(0x0a) + 1
  const from = first < chunk.length ? first : 0
  return from + Math.floor((chunk.length - from) / 2)
}
