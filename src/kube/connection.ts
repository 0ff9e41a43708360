import { TLSSocket, createSecureContext } from 'node:tls'
import { Agent, buildConnector } from 'undici'
import type { AuthHeaders, ClusterAccess, TlsMaterial } from './cluster-access.ts'

/**
 * One cluster as we dial it: an address, a pooled agent for requests, another for watches, and the headers that say who we are.
 *
 * client-node builds a new undici agent, hence a new TLS connection, for each request: 4,000 calls took 4,000 connections, here 16; so we dial ourselves.
 */
export interface Connection {
  readonly server: URL
  readonly requests: Agent
  /** One HTTP/1.1 connection for each watch, without a limit. */
  readonly watches: Agent
  /** Asked before each request: tokens rotate. */
  readonly headers: () => Promise<AuthHeaders>
  /** The server refused our credentials: ask for new ones next time. */
  readonly forget: () => void
  /** Ends all connections at once, also those in use. */
  readonly close: () => Promise<void>
}

const connectTimeoutMs = 10_000

interface Dialler {
  readonly tls: TlsMaterial
  readonly connect: buildConnector.connector
  /** undici remembers it weakly, and then resumes it; while we hold it, it is there. */
  session?: Buffer
}

/**
 * Dials with the certificates of the moment, so that a rotated one is used from the next connection on. All connections share what was read from the
 * certificates, and resume a session where there is one: 32 at once take a third of the processor time.
 */
function connectorFor(access: ClusterAccess): buildConnector.connector {
  let dialler: Dialler | undefined
  const dial: (...call: Parameters<buildConnector.connector>) => Promise<void> = async (options, callback) => {
    try {
      const tls = await access.tls()
      if (dialler?.tls !== tls) dialler = { tls, connect: buildConnector(optionsFor(tls)) }
      const used = dialler
      used.connect(options, (...answer) => {
        const [, socket] = answer
        if (socket instanceof TLSSocket) socket.on('session', (session) => (used.session = session))
        callback(...answer)
      })
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null)
    }
  }
  return (options, callback) => void dial(options, callback)
}

function optionsFor(tls: TlsMaterial): buildConnector.BuildOptions {
  return { ...tls, secureContext: createSecureContext(tls), allowH2: false, timeout: connectTimeoutMs, keepAlive: true }
}

/** Opens nothing yet. Timeouts are the caller's: `RestClient` gives each call a deadline, and the informer cuts a silent watch. */
export function connect(access: ClusterAccess): Connection {
  const options = { allowH2: false, connect: connectorFor(access), keepAliveTimeout: 30_000, headersTimeout: 0, bodyTimeout: 0 }
  const requests = new Agent({ ...options, connections: 32 })
  const watches = new Agent(options)
  return {
    server: access.server,
    requests,
    watches,
    headers: () => access.headers(),
    forget: () => {
      access.forget()
    },
    close: async () => {
      await Promise.all([requests.destroy(), watches.destroy()])
    },
  }
}
