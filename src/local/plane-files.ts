import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { createTokens, type IdentityName, identityNames, kubeconfig, tokenFile, type Tokens } from './identities.ts'
import { auditPolicy, planePaths, type Ports } from './part-flags.ts'

/** What a kept plane remembers: whoever holds its kubeconfig can come back. */
interface PlaneMemory {
  readonly tokens: Tokens
  readonly ports: Ports
}

/** Nobody but the owner reads what holds a secret. */
const secret = { mode: 0o600 }

/** Where it remembers it. */
export function memoryPath(dir: string): string {
  return join(dir, 'plane.json')
}

/** The tokens of the last run with its ports, or new tokens. */
export async function recallOrCreate(dir: string, random: Random): Promise<{ readonly tokens: Tokens; readonly ports: Ports | undefined }> {
  try {
    return JSON.parse(await readFile(memoryPath(dir), 'utf8')) as PlaneMemory
  } catch {
    return { tokens: createTokens(random), ports: undefined }
  }
}

export async function remember(dir: string, memory: PlaneMemory): Promise<void> {
  await writeFile(memoryPath(dir), JSON.stringify(memory), secret)
}

/**
 * Writes what the processes read before they start. Keys and certificates that are there already stay.
 *
 * An etcd that is killed while it makes its first files never elects a leader again (seen), and a key without its certificate stops the API server:
 * what a first start left that did not become ready is made anew. Nobody was told about it yet, so nothing of value can be in it.
 */
export async function prepareFiles(dir: string, tokens: Tokens, clock: Clock): Promise<void> {
  const paths = planePaths(dir)
  if (existsSync(paths.firstStart)) {
    await rm(paths.etcd, { recursive: true, force: true })
    await rm(paths.certificates, { recursive: true, force: true })
  }
  if (!existsSync(paths.etcd)) await writeFile(paths.firstStart, '')
  await mkdir(paths.logs, { recursive: true })
  await writeFile(paths.tokens, tokenFile(tokens), secret)
  await writeFile(paths.auditPolicy, auditPolicy)
  if (!existsSync(paths.serviceAccountKey)) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    await writeFile(paths.serviceAccountPublicKey, publicKey)
    await writeFile(paths.serviceAccountKey, privateKey, secret)
  }
  if (await endsSoon(paths.ca, clock)) await rm(paths.certificates, { recursive: true, force: true })
}

/** Writes one kubeconfig per identity and gives their paths. */
export async function writeKubeconfigs(
  dir: string,
  options: { readonly server: string; readonly caPem: string; readonly tokens: Tokens },
): Promise<Readonly<Record<IdentityName, string>>> {
  const { server, caPem, tokens } = options
  const paths = identityNames.map((name) => [name, name === 'admin' ? planePaths(dir).kubeconfig : `${planePaths(dir).kubeconfig}-${name}`] as const)
  for (const [name, path] of paths) await writeFile(path, kubeconfig({ server, caPem, token: tokens[name], name }), secret)
  return Object.fromEntries(paths) as Record<IdentityName, string>
}

/** From now on what is there is kept. */
export async function confirmFirstStart(dir: string): Promise<void> {
  await rm(planePaths(dir).firstStart, { force: true })
}

/** The API server signs its certificate for a year and never renews it (apiserver, pkg/server/options/serving.go). */
async function endsSoon(certificate: string, clock: Clock): Promise<boolean> {
  const pem = await readFile(certificate).catch(() => undefined)
  if (pem === undefined) return false
  const week = 7 * 24 * 3_600_000
  return Date.parse(new X509Certificate(pem).validTo) - clock.now().getTime() < week
}
