import { readFile } from 'node:fs/promises'
import { delimiter } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.ts'
import type { PluginCredentials } from './client-node-credentials.ts'
import { Remembered } from './remembered.ts'
import { type KubeconfigContext, KubeconfigError, type Material, folderOf, readKubeconfig, refuseUnsafe } from './kubeconfig.ts'

export interface TlsMaterial {
  readonly ca?: Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized: boolean
}

export type AuthHeaders = Readonly<Record<string, string | readonly string[]>>

/** Where an API server is and how we prove who we are. */
export interface ClusterAccess {
  /** Name of the context, for people. */
  readonly context: string
  readonly server: URL
  readonly namespace?: string
  /** Asked for each new connection; the same object as long as nothing changed. */
  tls(): Promise<TlsMaterial>
  /** Asked before each request: tokens rotate. */
  headers(): Promise<AuthHeaders>
  /** The server refused what we sent (401): ask for it anew next time. */
  forget(): void
}

/** Files and plugins are asked again after this long; client-go reads token files as often (transport/token_source.go). */
const freshForMs = 60_000
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

async function bytesOf(material: Material | undefined): Promise<Buffer | undefined> {
  if (material === undefined) return undefined
  return 'data' in material ? material.data : await readFile(material.file)
}

async function tlsOf(found: KubeconfigContext, plugin: PluginCredentials | undefined): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([bytesOf(found.ca), plugin?.cert ?? bytesOf(found.cert), plugin?.key ?? bytesOf(found.key)])
  return {
    rejectUnauthorized: !found.skipTlsVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(found.serverName === undefined ? {} : { servername: found.serverName }),
  }
}

async function headersOf(found: KubeconfigContext, plugin: PluginCredentials | undefined): Promise<AuthHeaders> {
  const headers: Record<string, string | readonly string[]> = { ...plugin?.headers }
  const { tokenFile, token, basic, impersonate } = found
  if (basic !== undefined) headers['authorization'] = `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (tokenFile !== undefined) headers['authorization'] = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`
  if (impersonate !== undefined) {
    headers['impersonate-user'] = impersonate.user
    if (impersonate.groups.length > 0) headers['impersonate-group'] = impersonate.groups
  }
  return headers
}

function same(a: TlsMaterial, b: TlsMaterial): boolean {
  return (['ca', 'cert', 'key'] as const).every((part) => String(a[part]) === String(b[part]))
}

function accessTo(found: KubeconfigContext, clock: Clock): ClusterAccess {
  const kept = { clock, forMs: freshForMs }
  let ask: Promise<() => Promise<PluginCredentials>> | undefined
  const plugin = new Remembered<PluginCredentials | undefined>(async () => {
    const { plugin: named } = found
    if (named === undefined) return undefined
    ask ??= import('./client-node-credentials.ts').then(({ pluginCredentials }) => pluginCredentials(named))
    return await (await ask)()
  }, kept)
  let last: TlsMaterial | undefined
  const tls = new Remembered(async () => {
    const fresh = await tlsOf(found, await plugin.get())
    if (last === undefined || !same(last, fresh)) last = fresh
    return last
  }, kept)
  const headers = new Remembered(async () => await headersOf(found, await plugin.get()), kept)
  return {
    context: found.context,
    server: found.server,
    ...(found.namespace === undefined ? {} : { namespace: found.namespace }),
    tls: () => tls.get(),
    headers: () => headers.get(),
    forget: () => {
      ask = undefined
      for (const remembered of [plugin, tls, headers]) remembered.forget()
    },
  }
}

export type KubeconfigChoice =
  | { readonly path: string; readonly context?: string; readonly clock?: Clock }
  | {
      /** The service account of the pod that we run in. */
      readonly inCluster: true
      readonly environment?: Readonly<Record<string, string | undefined>>
      readonly folder?: string
      readonly clock?: Clock
    }

/**
 * A kubeconfig that the person who starts us has chosen (several paths as in `KUBECONFIG`), or the pod's service account. Plugins and files in
 * it are used. Nothing is read from the environment but the address of the API server in a pod.
 *
 * Errors: `KubeconfigError`.
 */
export async function loadKubeConfig(choice: KubeconfigChoice): Promise<ClusterAccess> {
  const { clock = systemClock } = choice
  if ('inCluster' in choice) return inClusterAccess(choice.environment ?? process.env, choice.folder ?? serviceAccountFolder, clock)
  const paths = choice.path.split(delimiter).filter((path) => path !== '')
  const sources = await Promise.all(
    paths.map(async (path) => {
      try {
        return { text: await readFile(path, 'utf8'), folder: folderOf(path) }
      } catch (error) {
        // kubectl passes over files of a list that are missing; a single one must be there
        if (paths.length > 1 && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new KubeconfigError('KubeconfigInvalid', `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`, { cause: error })
      }
    }),
  )
  return accessTo(
    readKubeconfig(
      sources.filter((source) => source !== undefined),
      choice.context,
    ),
    clock,
  )
}

function inClusterAccess(environment: Readonly<Record<string, string | undefined>>, folder: string, clock: Clock): ClusterAccess {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment
  if (host === undefined || host === '' || port === undefined || port === '') {
    throw new KubeconfigError('KubeconfigInvalid', 'not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; name a kubeconfig')
  }
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  return accessTo({ context: 'in-cluster', server, skipTlsVerify: false, ca: { file: `${folder}/ca.crt` }, tokenFile: `${folder}/token` }, clock)
}

/**
 * A kubeconfig from a Secret, that is, from somebody who may not run programs or read files where we run.
 *
 * Errors: `KubeconfigError`: `UnsafeKubeconfig` for exec plugins, auth providers and file paths, in any of its entries; else `KubeconfigInvalid`.
 */
export function kubeconfigFromSecret(text: string, context?: string, options: { readonly clock?: Clock } = {}): ClusterAccess {
  refuseUnsafe(text)
  return accessTo(readKubeconfig([{ text, folder: '/' }], context), options.clock ?? systemClock)
}
