import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { kubeconfigFromSecret, loadKubeConfig } from './cluster-access.ts'
import { KubeconfigError } from './kubeconfig.ts'

const pem = Buffer.from('-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n').toString('base64')

function config(parts: { readonly cluster?: object; readonly user?: object; readonly over?: object } = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', namespace: 'ns' } },
      { name: 'nowhere', context: { cluster: 'missing', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://example.com:6443/base', 'certificate-authority-data': pem, ...parts.cluster } }],
    users: [{ name: 'u', user: parts.user ?? { token: 's3cret-token' } }],
    ...parts.over,
  })
}

test('token, certificates and address come out as they stand there', async () => {
  const access = kubeconfigFromSecret(
    config({ cluster: { 'tls-server-name': 'inner' }, user: { token: 's3cret-token', as: 'someone', 'as-groups': ['a', 'b'] } }),
  )
  expect(access).toMatchObject({ context: 'here', namespace: 'ns' })
  expect(access.server.href).toBe('https://example.com:6443/base')
  expect(await access.tls()).toEqual({ rejectUnauthorized: true, ca: Buffer.from(pem, 'base64'), servername: 'inner' })
  expect(await access.headers()).toEqual({ authorization: 'Bearer s3cret-token', 'impersonate-user': 'someone', 'impersonate-group': ['a', 'b'] })
})

test('certificates are not verified only where the kubeconfig says so', async () => {
  const access = kubeconfigFromSecret(config({ cluster: { 'insecure-skip-tls-verify': true } }))
  expect((await access.tls()).rejectUnauthorized).toBe(false)
})

const unsafe: readonly (readonly [string, string])[] = [
  ['user u: exec', config({ user: { exec: { command: 'steal', apiVersion: 'client.authentication.k8s.io/v1' } } })],
  ['user u: auth-provider', config({ user: { 'auth-provider': { name: 'oidc' } } })],
  ['user u: tokenFile', config({ user: { tokenFile: '/etc/passwd' } })],
  ['user u: client-certificate', config({ user: { 'client-certificate': '/etc/x', 'client-key': '/etc/y' } })],
  ['user u: client-key', config({ user: { 'client-key': '/etc/y' } })],
  ['cluster c: certificate-authority', config({ cluster: { 'certificate-authority': '/etc/ca' } })],
  [
    'user other: exec',
    config({
      over: {
        users: [
          { name: 'u', user: {} },
          { name: 'other', user: { exec: {} } },
        ],
      },
    }),
  ],
]
test.each(unsafe)('%s is refused in a Secret', (where, text) => {
  expect(() => kubeconfigFromSecret(text)).toThrow(
    expect.objectContaining({ kind: 'UnsafeKubeconfig', message: expect.stringContaining(where) as string }) as Error,
  )
})

const invalid: readonly (readonly [string, string])[] = [
  ['not valid YAML', 'token: "s3cret-token'],
  ['not a mapping', '- s3cret-token'],
  ['not valid YAML', ''],
  ['current-context is missing', config({ over: { 'current-context': '' } })],
  ['no context named gone', config({ over: { 'current-context': 'gone' } })],
  ['no cluster named missing', config({ over: { 'current-context': 'nowhere' } })],
  ['no user named u', config({ over: { users: [] } })],
  ['users is not a list', config({ over: { users: { u: 's3cret-token' } } })],
  ['cluster c: server is missing', config({ cluster: { server: '' } })],
  ['cluster c: server is not an http(s) URL', config({ cluster: { server: 'ftp://s3cret-token' } })],
  ['cluster c: server holds a user name', config({ cluster: { server: 'https://a:s3cret-token@x' } })],
  ['cluster c: certificate-authority-data is not base64', config({ cluster: { 'certificate-authority-data': 's3cret-token!' } })],
  ['cluster c: certificate-authority-data is not PEM', config({ cluster: { 'certificate-authority-data': 'c2VjcmV0' } })],
  ['cluster c: insecure-skip-tls-verify is not true or false', config({ cluster: { 'insecure-skip-tls-verify': 'yes' } })],
  ['cluster c: proxy-url is not supported', config({ cluster: { 'proxy-url': 'http://x' } })],
  ['user u: token is not a string', config({ user: { token: ['s3cret-token'] } })],
  ['user u: token holds characters', config({ user: { token: 's3cret-token\r\nx-evil: 1' } })],
  ['user u: client-certificate and client-key go together', config({ user: { 'client-certificate-data': pem } })],
  ['user u: as-groups without as', config({ user: { 'as-groups': ['system:masters'] } })],
]
test.each(invalid)('"%s" is said, and no secret with it', (words, text) => {
  let error: unknown
  try {
    kubeconfigFromSecret(text)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(KubeconfigError)
  const { kind, message, cause } = error as KubeconfigError
  expect(kind).toBe('KubeconfigInvalid')
  expect(message).toContain(words)
  expect(`${message} ${String(cause)}`).not.toContain('s3cret-token')
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  onTestFinished(async () => {
    await rm(path, { recursive: true })
  })
  return path
}

test('in a pod, the token is read again after a minute and after a 401', async () => {
  const dir = await folder()
  const clock = new FakeClock()
  await writeFile(join(dir, 'token'), 'one\n')
  await writeFile(join(dir, 'ca.crt'), 'ca')
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
  const access = await loadKubeConfig({ inCluster: true, environment, folder: dir, clock })
  expect(access.server.href).toBe('https://[fd00::1]/')
  expect(await access.headers()).toEqual({ authorization: 'Bearer one' })
  await writeFile(join(dir, 'token'), 'two')
  expect(await access.headers()).toEqual({ authorization: 'Bearer one' })
  await clock.advance(60_000)
  expect(await access.headers()).toEqual({ authorization: 'Bearer two' })
  await writeFile(join(dir, 'token'), 'three')
  access.forget()
  expect(await access.headers()).toEqual({ authorization: 'Bearer three' })
})

test('certificates are the same object until one of them changes', async () => {
  const dir = await folder()
  const clock = new FakeClock()
  const path = join(dir, 'config')
  await writeFile(join(dir, 'ca.pem'), 'one')
  await writeFile(path, config({ cluster: { 'certificate-authority-data': null, 'certificate-authority': 'ca.pem' } }))
  const access = await loadKubeConfig({ path, clock })
  const first = await access.tls()
  await clock.advance(60_000)
  expect(await access.tls()).toBe(first)
  await writeFile(join(dir, 'ca.pem'), 'two')
  await clock.advance(60_000)
  expect(String((await access.tls()).ca)).toBe('two')
})

test('an exec plugin that the starter of the program chose is run', async () => {
  const dir = await folder()
  const path = join(dir, 'config')
  const credential = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'from-plugin' } })
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'echo', args: [credential], interactiveMode: 'Never' }
  await writeFile(path, config({ user: { exec } }))
  const access = await loadKubeConfig({ path })
  expect(await access.headers()).toEqual({ authorization: 'Bearer from-plugin' })
})

test('of several files the first that has an entry wins, and one may be missing', async () => {
  const dir = await folder()
  await writeFile(join(dir, 'a'), JSON.stringify({ 'current-context': 'here' }))
  await writeFile(join(dir, 'b'), config())
  const access = await loadKubeConfig({ path: `${join(dir, 'a')}:${join(dir, 'none')}:${join(dir, 'b')}` })
  expect(access.server.host).toBe('example.com:6443')
  await expect(loadKubeConfig({ path: join(dir, 'none') })).rejects.toMatchObject({
    kind: 'KubeconfigInvalid',
    message: expect.stringContaining('ENOENT') as string,
  })
})

test('outside of a pod that is said', async () => {
  await expect(loadKubeConfig({ inCluster: true, environment: {} })).rejects.toMatchObject({ kind: 'KubeconfigInvalid' })
})
