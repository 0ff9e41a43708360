import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** Throws, or rejects, with what is wrong. */
export type Check = () => void | Promise<void>

/** The port that was asked for belongs to somebody else: one line that says what to do. */
export class PortTakenError extends Error {
  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`port ${port} on ${host} is taken by another process: stop it, or choose another port`, options)
    this.name = 'PortTakenError'
  }
}

/**
 * `/healthz` (is the process alive), `/readyz` (can it do its work), each with named checks, and `/metrics` for Prometheus. `?verbose` lists the
 * checks, as the API server's own do; a failing one is always listed.
 *
 * Guarantees: a check that throws is a failing check; a failing check never harms the server. Readiness is what the given checks say and nothing else
 * (it must not depend on leadership, or a rollout would wait for the old leader).
 */
export class HealthServer {
  readonly name = 'health server'
  readonly #options: {
    readonly host: string
    /** 0 takes a free one. */
    readonly port: number
    readonly live: Readonly<Record<string, Check>>
    readonly ready: Readonly<Record<string, Check>>
    readonly metrics: Metrics
    readonly log: Logger
  }
  readonly #server: Server
  #listening: Promise<number> | undefined

  constructor(options: {
    readonly host: string
    readonly port: number
    readonly live?: Readonly<Record<string, Check>>
    readonly ready?: Readonly<Record<string, Check>>
    readonly metrics: Metrics
    readonly log: Logger
  }) {
    this.#options = { live: {}, ready: {}, ...options }
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        options.log.error({ err: error, path: request.url }, 'health request failed')
        response.writeHead(500).end()
      })
    })
  }

  /** Opens the port and answers which one it is. Errors: `PortTakenError`. Asking again gives the same answer. */
  async listen(): Promise<number> {
    this.#listening ??= new Promise((resolve, reject) => {
      const { host, port } = this.#options
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'EADDRINUSE' ? new PortTakenError(host, port, { cause: error }) : error)
      })
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
    return this.#listening
  }

  async ready(): Promise<void> {
    await this.listen()
  }

  /** Serves until `signal` aborts; connections that are still open are cut. */
  async run(signal: AbortSignal): Promise<void> {
    const port = await this.listen()
    this.#options.log.info({ port }, 'health server listens')
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const verbose = url.searchParams.has('verbose')
    const { live, ready, metrics } = this.#options
    if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end()
    else if (url.pathname === '/healthz') send(response, await runChecks('healthz', live, verbose))
    else if (url.pathname === '/readyz') send(response, await runChecks('readyz', ready, verbose))
    else if (url.pathname === '/metrics') response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(await metrics.registry.metrics())
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n')
  }
}

interface Verdict {
  readonly ok: boolean
  readonly text: string
}

async function runChecks(name: string, checks: Readonly<Record<string, Check>>, verbose: boolean): Promise<Verdict> {
  const lines = await Promise.all(
    Object.entries(checks).map(async ([check, run]): Promise<Verdict> => {
      try {
        await run()
        return { ok: true, text: `[+]${check} ok\n` }
      } catch (error) {
        return { ok: false, text: `[-]${check} failed: ${error instanceof Error ? error.message : String(error)}\n` }
      }
    }),
  )
  const ok = lines.every((line) => line.ok)
  if (ok && !verbose) return { ok, text: 'ok' }
  return { ok, text: `${lines.map(({ text }) => text).join('')}${name} check ${ok ? 'passed' : 'failed'}\n` }
}

function send(response: ServerResponse, { ok, text }: Verdict): void {
  response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }).end(text)
}
