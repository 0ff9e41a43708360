import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'

/** What a credential plugin gave: headers, and a client certificate where it is one that gives these. */
export interface PluginCredentials {
  readonly headers: Readonly<Record<string, string>>
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
}

/**
 * Asks an exec plugin, OIDC or another auth provider through client-node, which keeps what it got until it expires.
 *
 * Loaded only when a kubeconfig names one: importing client-node costs 58 MiB from source and 14 MiB in the bundle.
 */
export function pluginCredentials(plugin: { readonly exec?: unknown; readonly authProvider?: unknown }): () => Promise<PluginCredentials> {
  const kubeconfig = new KubeConfig()
  kubeconfig.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }],
    users: [{ name: 'user', ...plugin }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  })
  return async () => {
    const options: RequestOptions = { headers: {} }
    await kubeconfig.applyToHTTPSOptions(options)
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(options.headers ?? {})) if (typeof value === 'string') headers[name.toLowerCase()] = value
    const { cert, key } = options as { readonly cert?: string | Buffer; readonly key?: string | Buffer }
    return { headers, ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) }
  }
}
