import type { Clock } from '../lib/clock.ts'
import type { ClusterAccess } from './cluster-access.ts'
import { KubeconfigError } from './kubeconfig.ts'
import { Remembered } from './remembered.ts'

export interface TokenAccess {
  /** For people. */
  readonly name: string
  /** `https://…` */
  readonly server: string
  /** PEM in base64. */
  readonly certificateAuthority: string
  /** Makes a fresh bearer token. */
  readonly token: () => Promise<string>
  /** How long a token is used. */
  readonly tokenForMs: number
  readonly clock: Clock
}

/**
 * A way to an API server whose address and authority are known, by tokens that somebody makes.
 *
 * Errors: `KubeconfigError` when the address is none.
 */
export function tokenAccess({ name, server, certificateAuthority, token, tokenForMs, clock }: TokenAccess): ClusterAccess {
  const tls = Promise.resolve({ rejectUnauthorized: true, ca: Buffer.from(certificateAuthority, 'base64') })
  const headers = new Remembered(async () => ({ authorization: `Bearer ${await token()}` }), { clock, forMs: tokenForMs })
  if (!server.startsWith('https://') || !URL.canParse(server)) throw new KubeconfigError('KubeconfigInvalid', `${server} is no address of an API server`)
  return {
    context: name,
    server: new URL(server),
    tls: async () => await tls,
    headers: () => headers.get(),
    forget: () => {
      headers.forget()
    },
  }
}
