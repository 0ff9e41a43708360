import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const prefix = 'k8s-aws-v1.'

interface TokenReview {
  readonly apiVersion: string
  readonly kind: string
  readonly spec: { readonly token: string }
}

/**
 * What EKS runs beside its API servers: it redeems tokens at STS and knows access entries. After aws-iam-authenticator (pkg/token, `Verify`): the prefix,
 * base64url, the cluster in a header of the request, and the ARN in STS' answer.
 */
export class EksAuthenticator {
  /** Kubernetes groups by the ARN of a role or user. */
  readonly accessEntries = new Map<string, readonly string[]>()
  /** Set once the simulated AWS is there; tokens for any other host are refused, as EKS takes only STS' own names. */
  stsUrl = ''
  readonly #cluster: string
  readonly #server = createServer((request, response) => {
    this.#answer(request).then(
      (review) => response.setHeader('content-type', 'application/json').end(JSON.stringify(review)),
      () => response.destroy(), // the other end is gone, or STS is
    )
  })

  private constructor(cluster: string) {
    this.#cluster = cluster
  }

  static async start(cluster: string): Promise<EksAuthenticator> {
    const authenticator = new EksAuthenticator(cluster)
    await new Promise<void>((resolve) => authenticator.#server.listen(0, '127.0.0.1', resolve))
    return authenticator
  }

  /** For `--authentication-token-webhook-config-file`. */
  get webhookConfig(): string {
    const { port } = this.#server.address() as AddressInfo
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'authenticator', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'apiserver', user: {} }],
      contexts: [{ name: 'webhook', context: { cluster: 'authenticator', user: 'apiserver' } }],
      'current-context': 'webhook',
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { apiVersion, kind, spec } = JSON.parse(Buffer.concat(chunks).toString()) as TokenReview
    const arn = await this.#redeem(spec.token)
    const groups = arn === undefined ? undefined : this.accessEntries.get(arn)
    if (groups === undefined) return { apiVersion, kind, status: { authenticated: false } }
    return { apiVersion, kind, status: { authenticated: true, user: { username: arn, groups } } }
  }

  /** The ARN of the role or user who signed the token. */
  async #redeem(token: string): Promise<string | undefined> {
    if (!token.startsWith(prefix)) return undefined
    const url = new URL(Buffer.from(token.slice(prefix.length), 'base64url').toString())
    if (url.origin !== this.stsUrl || url.searchParams.get('Action') !== 'GetCallerIdentity') return undefined
    const answer = await fetch(url, { headers: { 'x-k8s-aws-id': this.#cluster } })
    if (!answer.ok) return undefined
    const arn = /<Arn>([^<]+)<\/Arn>/.exec(await answer.text())?.[1]
    return arn?.replace(/^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:aws:iam::$1:role/$2')
  }
}
