import { request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface ApiAnswer {
  readonly status: number
  readonly body: string
}

/** How to reach an API server as its administrator. */
export interface ApiAccess {
  readonly port: number
  readonly caPem: string
  readonly token: string
}

/**
 * One plain request on a connection of its own. For the supervision of a plane alone, which must not depend on what it brings up: a pooled client
 * would remember a server that is being killed and started.
 */
export async function apiRequest(
  { port, caPem, token }: ApiAccess,
  path: string,
  options: { readonly method?: 'GET' | 'DELETE'; readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        ca: caPem,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        agent: false,
        signal: options.signal,
        timeout: options.timeoutMs ?? 5_000,
      },
      (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
      },
    )
    call.on('timeout', () => call.destroy(new Error('no answer in time')))
    call.on('error', reject)
    call.end()
  })
}
