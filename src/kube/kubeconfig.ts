import { dirname, isAbsolute, join } from 'node:path'
import { load } from 'js-yaml'

/** What is wrong with a kubeconfig. Messages name the entry and the field, never a value that could be secret. */
export class KubeconfigError extends Error {
  /** `UnsafeKubeconfig`: it would run a program or read a file here. `KubeconfigInvalid`: it cannot be understood or lacks something. */
  readonly kind: 'UnsafeKubeconfig' | 'KubeconfigInvalid'

  constructor(kind: KubeconfigError['kind'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KubeconfigError'
    this.kind = kind
  }
}

/** Bytes that stand in the kubeconfig, or a file that holds them (read again as it may rotate). */
export type Material = { readonly data: Buffer } | { readonly file: string }

/** One context of a kubeconfig, checked. Format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ */
export interface KubeconfigContext {
  readonly context: string
  readonly namespace?: string
  readonly server: URL
  readonly serverName?: string
  readonly skipTlsVerify: boolean
  readonly ca?: Material
  readonly cert?: Material
  readonly key?: Material
  readonly token?: string
  readonly tokenFile?: string
  readonly basic?: { readonly username: string; readonly password: string }
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[] }
  /** `exec` and `auth-provider` as they stand there: client-node runs them. */
  readonly plugin?: { readonly exec?: unknown; readonly authProvider?: unknown }
}

/** One file's text; relative paths in it are relative to `folder`. */
export interface KubeconfigSource {
  readonly text: string
  readonly folder: string
}

type Fields = Readonly<Record<string, unknown>>

function invalid(message: string, options?: ErrorOptions): KubeconfigError {
  return new KubeconfigError('KubeconfigInvalid', message, options)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): Fields {
  let document: unknown
  try {
    document = load(text)
  } catch {
    // the parser's message quotes the text around the fault, which may be a token
    throw invalid('the kubeconfig is not valid YAML')
  }
  if (!isFields(document)) throw invalid('the kubeconfig is not a mapping')
  return document
}

function entry(documents: readonly Fields[], list: string, field: string, name: string): { readonly fields: Fields; readonly index: number } {
  for (const [index, document] of documents.entries()) {
    const entries = document[list] ?? []
    if (!Array.isArray(entries)) throw invalid(`${list} is not a list`)
    const found: unknown = entries.find((candidate: unknown) => isFields(candidate) && candidate['name'] === name)
    if (!isFields(found)) continue
    const fields = found[field] ?? {}
    if (!isFields(fields)) throw invalid(`${field} ${name} is not a mapping`)
    return { fields, index }
  }
  throw invalid(`there is no ${field} named ${name}`)
}

function stringField(fields: Fields, where: string, field: string): string | undefined {
  const value = fields[field]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw invalid(`${where}: ${field} is not a string`)
  return value
}

function material(fields: Fields, where: string, field: string, folder: string): Material | undefined {
  const data = stringField(fields, where, `${field}-data`)
  if (data !== undefined) {
    const compact = data.replaceAll(/\s/g, '')
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw invalid(`${where}: ${field}-data is not base64`)
    const bytes = Buffer.from(compact, 'base64')
    if (!bytes.includes('-----BEGIN ')) throw invalid(`${where}: ${field}-data is not PEM`)
    return { data: bytes }
  }
  const file = stringField(fields, where, field)
  return file === undefined ? undefined : { file: absolute(folder, file) }
}

function absolute(folder: string, file: string): string {
  return isAbsolute(file) ? file : join(folder, file)
}

function serverOf(cluster: Fields, where: string): URL {
  const server = stringField(cluster, where, 'server')
  if (server === undefined) throw invalid(`${where}: server is missing`)
  const url = URL.parse(server)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) throw invalid(`${where}: server is not an http(s) URL`)
  if (url.username !== '' || url.password !== '') throw invalid(`${where}: server holds a user name or password`)
  if (stringField(cluster, where, 'proxy-url') !== undefined) throw invalid(`${where}: proxy-url is not supported`)
  return url
}

function userParts(user: Fields, where: string, folder: string): Partial<KubeconfigContext> {
  const [cert, key] = [material(user, where, 'client-certificate', folder), material(user, where, 'client-key', folder)]
  if ((cert === undefined) !== (key === undefined)) throw invalid(`${where}: client-certificate and client-key go together`)
  const token = stringField(user, where, 'token')
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw invalid(`${where}: token holds characters that no token has`)
  const tokenFile = stringField(user, where, 'tokenFile')
  const [username, password] = [stringField(user, where, 'username'), stringField(user, where, 'password')]
  const plugin = { ...given('exec', user['exec'] ?? undefined), ...given('authProvider', user['auth-provider'] ?? undefined) }
  return {
    ...given('cert', cert),
    ...given('key', key),
    ...given('token', token),
    ...given('tokenFile', tokenFile === undefined ? undefined : absolute(folder, tokenFile)),
    ...given('basic', username === undefined ? undefined : { username, password: password ?? '' }),
    ...given('impersonate', impersonation(user, where)),
    ...given('plugin', Object.keys(plugin).length === 0 ? undefined : plugin),
  }
}

function impersonation(user: Fields, where: string): KubeconfigContext['impersonate'] {
  for (const field of ['as-uid', 'as-user-extra']) if (user[field] !== undefined) throw invalid(`${where}: ${field} is not supported`)
  const as = stringField(user, where, 'as')
  const groups = user['as-groups'] ?? []
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) throw invalid(`${where}: as-groups is not a list of strings`)
  if (as === undefined && groups.length > 0) throw invalid(`${where}: as-groups without as`)
  return as === undefined ? undefined : { user: as, groups }
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [name in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [name in K]?: V }
}

/**
 * Reads one context of a kubeconfig, the current one unless `context` names another. Of several sources the first that has an entry wins, as
 * with kubectl. Reads no file and runs nothing.
 *
 * Errors: `KubeconfigError` `KubeconfigInvalid`.
 */
export function readKubeconfig(sources: readonly KubeconfigSource[], context?: string): KubeconfigContext {
  const documents = sources.map((source) => parse(source.text))
  const folder = (index: number): string => sources[index]?.folder ?? ''
  const name = context ?? documents.map((document) => stringField(document, 'kubeconfig', 'current-context')).find((found) => found !== undefined)
  if (name === undefined) throw invalid('current-context is missing')
  const { fields } = entry(documents, 'contexts', 'context', name)
  const [clusterName, userName] = [stringField(fields, `context ${name}`, 'cluster'), stringField(fields, `context ${name}`, 'user')]
  if (clusterName === undefined) throw invalid(`context ${name}: cluster is missing`)
  const cluster = entry(documents, 'clusters', 'cluster', clusterName)
  const where = `cluster ${clusterName}`
  const skip = cluster.fields['insecure-skip-tls-verify'] ?? false
  if (typeof skip !== 'boolean') throw invalid(`${where}: insecure-skip-tls-verify is not true or false`)
  const user = userName === undefined ? undefined : entry(documents, 'users', 'user', userName)
  return {
    context: name,
    server: serverOf(cluster.fields, where),
    skipTlsVerify: skip,
    ...given('namespace', stringField(fields, `context ${name}`, 'namespace')),
    ...given('serverName', stringField(cluster.fields, where, 'tls-server-name')),
    ...given('ca', material(cluster.fields, where, 'certificate-authority', folder(cluster.index))),
    ...(user === undefined ? {} : userParts(user.fields, `user ${userName}`, folder(user.index))),
  }
}

const unsafeFields: Readonly<Record<string, readonly string[]>> = {
  clusters: ['certificate-authority'],
  users: ['exec', 'auth-provider', 'client-certificate', 'client-key', 'tokenFile'],
}

/**
 * Refuses a kubeconfig that would make us run a program or read a file, in whichever entry it stands: a kubeconfig from a Secret is
 * written by people who may not do either here.
 *
 * Errors: `KubeconfigError` `UnsafeKubeconfig`, or `KubeconfigInvalid` where it cannot be read.
 */
export function refuseUnsafe(source: string): void {
  const document = parse(source)
  for (const [list, fields] of Object.entries(unsafeFields)) {
    const entries = document[list] ?? []
    if (!Array.isArray(entries)) throw invalid(`${list} is not a list`)
    const singular = list.slice(0, -1)
    for (const candidate of entries as readonly unknown[]) {
      const inner = isFields(candidate) ? candidate[singular] : undefined
      if (!isFields(candidate) || !isFields(inner)) continue
      const found = fields.find((field) => inner[field] !== undefined && inner[field] !== null)
      if (found !== undefined) {
        throw new KubeconfigError('UnsafeKubeconfig', `${singular} ${String(candidate['name'])}: ${found} is not allowed here; put the data itself in`)
      }
    }
  }
}

/** The folder that relative paths in `file` mean. */
export function folderOf(file: string): string {
  return dirname(file)
}
