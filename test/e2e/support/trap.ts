import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A server that nobody may contact. */
export interface Trap {
  readonly url: string
  /** How often somebody did. */
  readonly contacts: () => number
}

export async function startTrap(): Promise<Trap> {
  let contacts = 0
  const server = createServer((socket) => {
    contacts += 1
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 500 Trap\r\ncontent-length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, contacts: () => contacts }
}

/** The environment of a person who has a real cluster and a real AWS account at hand: everything that could lead there leads to the trap. */
export async function hostileEnvironment(home: string, { url }: Trap): Promise<Record<string, string>> {
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'production', cluster: { server: url } }],
    users: [{ name: 'me', user: { token: 'hostile' } }],
    contexts: [{ name: 'production', context: { cluster: 'production', user: 'me' } }],
    'current-context': 'production',
  })
  const profile = ['region = eu-west-1', `endpoint_url = ${url}`, 'aws_access_key_id = AKIAHOSTILEPROFILE00', 'aws_secret_access_key = hostile']
  const config = ['[default]', ...profile, '[profile hostile]', ...profile, ''].join('\n')
  await mkdir(join(home, '.kube'), { recursive: true })
  await mkdir(join(home, '.aws'), { recursive: true })
  await writeFile(join(home, '.kube/config'), kubeconfig)
  await writeFile(join(home, 'production.kubeconfig'), kubeconfig)
  await writeFile(join(home, '.aws/config'), config)
  await writeFile(join(home, '.aws/credentials'), config.replace('[profile hostile]', '[hostile]'))
  return {
    ...inherited(),
    HOME: home,
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    KUBECONFIG: join(home, 'production.kubeconfig'),
    AWS_PROFILE: 'hostile',
    AWS_CONFIG_FILE: join(home, '.aws/config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws/credentials'),
    AWS_ACCESS_KEY_ID: 'AKIAHOSTILE000000000',
    AWS_SECRET_ACCESS_KEY: 'hostile',
    AWS_SESSION_TOKEN: 'hostile',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: url,
    AWS_ENDPOINT_URL_EKS: url,
    AWS_ENDPOINT_URL_STS: url,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/credentials`,
  }
}

/** Our own environment without what leads to clusters and clouds. */
export function inherited(): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith('AWS_') && !name.startsWith('KUBE') && !name.startsWith('VITEST') && name !== 'NODE_OPTIONS') kept[name] = value
  }
  return { ...kept, ...(process.env['KUBEBUILDER_ASSETS'] === undefined ? {} : { KUBEBUILDER_ASSETS: process.env['KUBEBUILDER_ASSETS'] }) }
}
