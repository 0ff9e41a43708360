import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { assetList } from './asset-list.ts'

interface Entry {
  readonly size: number
  readonly mtimeMs: number
  readonly sha256: string
}

const file = 'manifest.json'

/** Records size, time and hash of every binary in `folder`, so that a damaged one is seen before it is run. */
export async function writeManifest(folder: string): Promise<void> {
  const entries = await Promise.all(assetList.map(async ({ name }) => [name, await describe(join(folder, name))] as const))
  await writeFile(join(folder, file), `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`)
}

/**
 * What is wrong with the binaries in `folder`, in words (`etcd is truncated`), or `undefined` when they are what the build left. A file whose
 * size and time are as recorded is believed; any other is hashed.
 */
export async function findDamage(folder: string): Promise<string | undefined> {
  let manifest: Readonly<Record<string, Entry | undefined>>
  try {
    manifest = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, Entry>
  } catch {
    return `${file} is missing or damaged`
  }
  const found = await Promise.all(assetList.map(async ({ name }) => damageOf(join(folder, name), name, manifest[name])))
  return found.find((damage) => damage !== undefined)
}

async function damageOf(path: string, name: string, recorded: Entry | undefined): Promise<string | undefined> {
  if (recorded === undefined) return `${name} is not in ${file}`
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || !found.isFile()) return `${name} is missing`
  if (found.size < recorded.size) return `${name} is truncated`
  if (found.size !== recorded.size) return `${name} has changed`
  if ((found.mode & 0o100) === 0) return `${name} is not executable`
  if (found.mtimeMs === recorded.mtimeMs) return undefined
  return (await sha256(path)) === recorded.sha256 ? undefined : `${name} has changed`
}

async function describe(path: string): Promise<Entry> {
  const { size, mtimeMs } = await stat(path)
  return { size, mtimeMs, sha256: await sha256(path) }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
