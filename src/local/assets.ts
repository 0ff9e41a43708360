import { access, constants, mkdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../lib/clock.ts'
import { assetKey, assetList } from './asset-list.ts'
import { build, checkRuns } from './build.ts'
import { duration } from './build-progress.ts'
import type { Environment } from './environment.ts'
import { type FileLock, tryLock } from './file-lock.ts'
import { isLocalError, LocalError } from './local-error.ts'
import { findDamage } from './manifest.ts'
import { createProgressDisplay, type ProgressDisplay } from './progress-display.ts'
import { findSources } from './sources.ts'

/** A folder that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, kubectl and helm. */
export interface Assets {
  readonly folder: string
  /** The path of one of them. */
  readonly path: (name: string) => string
}

export interface AssetOptions {
  /** Default: the process's own. `KUBEBUILDER_ASSETS`, `XDG_CACHE_HOME` and `HOME` are read here, the rest by `go`. */
  readonly environment?: Environment
  readonly clock?: Clock
  /** What somebody who waits sees. Default: standard error. */
  readonly display?: ProgressDisplay
  readonly signal?: AbortSignal
  readonly sources?: string
}

interface Place {
  readonly folder: string
  readonly lock: string
  readonly owner: string
}

/** What is there now, without building anything: `undefined` when nothing is. Errors: `BrokenAssets` for a `KUBEBUILDER_ASSETS` of no use. */
export async function findAssets(options: AssetOptions = {}): Promise<Assets | undefined> {
  const { environment = process.env } = options
  const given = environment['KUBEBUILDER_ASSETS']
  if (given !== undefined && given !== '') return givenAssets(given, options.signal ?? new AbortController().signal)
  const { folder } = await cachePlace(environment, options.sources ?? findSources())
  return (await findDamage(folder)) === undefined ? assetsIn(folder) : undefined
}

/**
 * The binaries: from `KUBEBUILDER_ASSETS`, else from the user's cache folder, else built, which takes minutes and is shown.
 *
 * Guarantees: what it returns was run once on this machine after it was built, and is as the build left it; a damaged cache is said and built
 * again; of several processes one builds and the others wait and say so; nothing half-built is ever found; an abort ends the build.
 * Errors: `LocalError`, one line with the remedy.
 */
export async function ensureAssets(options: AssetOptions = {}): Promise<Assets> {
  const { environment = process.env, clock = systemClock, signal = new AbortController().signal } = options
  const display = options.display ?? createProgressDisplay(process.stderr, clock)
  const found = await findAssets({ ...options, environment, signal })
  if (found !== undefined) return found
  const sources = options.sources ?? findSources()
  const place = await cachePlace(environment, sources)
  await mkdir(join(place.folder, '..'), { recursive: true })
  const lock = await takeLock(place, { clock, display, signal })
  try {
    const damage = await findDamage(place.folder)
    if (damage !== undefined) {
      if (existsSync(place.folder)) display.say(`the built control plane in ${place.folder} is damaged (${damage}): building it again`)
      await build({ sources, target: place.folder, environment, clock, display, signal })
    }
    return assetsIn(place.folder)
  } finally {
    lock.release()
  }
}

function assetsIn(folder: string): Assets {
  return { folder, path: (name) => join(folder, name) }
}

async function givenAssets(folder: string, signal: AbortSignal): Promise<Assets> {
  const lacking: string[] = []
  for (const { name } of assetList) await access(join(folder, name), constants.F_OK).catch(() => lacking.push(name))
  if (lacking.length > 0) {
    throw new LocalError('BrokenAssets', `KUBEBUILDER_ASSETS=${folder} lacks ${lacking.join(', ')}: add what is missing, or unset it to have all of them built`)
  }
  try {
    await checkRuns(folder, signal)
  } catch (error) {
    if (!isLocalError(error)) throw error
    throw new LocalError('BrokenAssets', `KUBEBUILDER_ASSETS: ${error.message}: replace it, or unset the variable to have all of them built`, { cause: error })
  }
  return assetsIn(folder)
}

async function cachePlace(environment: Environment, sources: string): Promise<Place> {
  const set = environment['XDG_CACHE_HOME']
  // A relative path is to be ignored (XDG Base Directory Specification 0.8).
  const root = set?.startsWith('/') === true ? set : join(environment['HOME'] ?? homedir(), '.cache')
  const key = assetKey(await readFile(join(sources, 'go.sum'), 'utf8'), process.platform, process.arch)
  const folder = join(root, 'tidegate', 'control-plane', key)
  return { folder, lock: `${folder}.lock`, owner: `${folder}.owner` }
}

async function takeLock(
  place: Place,
  { clock, display, signal }: { readonly clock: Clock; readonly display: ProgressDisplay; readonly signal: AbortSignal },
): Promise<FileLock> {
  const started = clock.monotonicMs()
  for (let first = true; ; first = false) {
    const lock = tryLock(place.lock)
    if (lock !== undefined) {
      await writeFile(place.owner, String(process.pid))
      return lock
    }
    const owner = await readFile(place.owner, 'utf8').catch(() => '')
    const who = owner === '' ? 'another process' : `another process (${owner})`
    if (first) display.say(`${who} is building the control plane: waiting for it`)
    else display.update(`waiting for ${who} that builds the control plane, ${duration(clock.monotonicMs() - started)} so far`)
    await clock.sleep(500, { signal })
  }
}
