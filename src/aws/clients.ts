import type { Logger } from '../observability/logger.ts'
import { type AwsAction, type AwsService, serviceOf } from './api.ts'
import type { AwsCredentials, Connection, ConnectionConfig } from './connection.ts'

/** One module per service, loaded with its first call: each package takes memory that a process which never calls there does without. */
const services: Readonly<Record<AwsService, () => Promise<{ readonly connect: (config: ConnectionConfig) => Connection }>>> = {
  autoscaling: async () => await import('./autoscaling/sdk.ts'),
  eks: async () => await import('./eks/sdk.ts'),
  sts: async () => await import('./sts/sdk.ts'),
}

export interface AwsClientsOptions {
  readonly region: string
  readonly log: Logger
  /** Default: the SDK's standard chain (environment, Pod Identity, profile …). */
  readonly credentials?: AwsCredentials
  /** Default: the standard environment, `AWS_ENDPOINT_URL` included. */
  readonly endpoint?: string
  /** Time to connect, default 1 s. */
  readonly connectionTimeoutMs?: number
  /** Time without an answer, default 15 s. Without a limit the SDK waits for a silent server for ever. */
  readonly requestTimeoutMs?: number
  /**
   * Time after which a connection that nobody uses is closed, default 10 s. The other end closes it some day without a word, and a call that leaves at that
   * moment gets no answer: of one that is sent once, nobody knows then whether it happened.
   */
  readonly idleConnectionMs?: number
  /** How often the SDK tries one call, default 3. A retry of a write carries the same token, since the caller gives it. */
  readonly maxAttempts?: number
}

/** The SDK's clients of one region and account. */
export interface AwsClients {
  /** How every client here is made. */
  readonly config: ConnectionConfig
  /**
   * Sends one call. Rejects with the SDK's raw errors (errors.ts translates them). With `once` the SDK does not try again by itself, and does not hold
   * it back either: what was looked at right before it is as old as the call, also after AWS throttled others.
   */
  send(action: AwsAction, input: unknown, signal: AbortSignal, options?: { readonly once: boolean }): Promise<unknown>
  /** Closes the connections. A call after it opens new ones. */
  close(): Promise<void>
}

/** Makes no client yet: each service's is loaded and made with its first call. */
export function createClients(options: AwsClientsOptions): AwsClients {
  const config = connectionConfig(options)
  const open = new Map<string, Promise<Connection>>()
  const connectTo = async (service: AwsService, once: boolean): Promise<Connection> =>
    (await services[service]()).connect(once ? { ...config, maxAttempts: 1, retryMode: 'standard' } : config)
  return {
    config,
    send: async (action, input, signal, { once } = { once: false }) => {
      const service = serviceOf(action)
      const key = once ? `${service}/once` : service
      // A client keeps its connections and its adaptive rate, so there is one, also for calls that come while it is loaded.
      const connecting = open.get(key) ?? connectTo(service, once)
      open.set(key, connecting)
      return await (await connecting).send(action, input, signal)
    },
    close: async () => {
      const connections = [...open.values()]
      open.clear()
      for (const connecting of connections) (await connecting).close()
    },
  }
}

const silent = (): void => {}

function connectionConfig(options: AwsClientsOptions): ConnectionConfig {
  const { region, endpoint, credentials, log, connectionTimeoutMs = 1000, requestTimeoutMs = 15_000, idleConnectionMs = 10_000, maxAttempts = 3 } = options
  // Of an agent it is the time of a connection that is free; the time of a call is the request's own.
  const agent = { timeout: idleConnectionMs }
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
    maxAttempts,
    retryMode: 'adaptive',
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    logger: {
      trace: silent,
      debug: silent,
      info: silent,
      error: silent,
      warn: (...content) => {
        log.warn({ detail: content.map(String).join(' ') }, 'the AWS SDK warns')
      },
    },
  }
}
