import { accessSync, constants, existsSync, rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type FileLock, tryLock } from './file-lock.ts'
import { LocalError } from './local-error.ts'

/** Where a plane keeps everything, locked while it runs. */
export interface PlaneFolder {
  readonly dir: string
  /** Whether it outlives the plane. */
  readonly kept: boolean
  /** Gives the folder back; one that is not kept goes away. */
  release(): void
}

const prefix = 'tidegate-plane-'

/**
 * A folder in memory (`/dev/shm` where it can be written, else the system's temporary folder) that goes with the plane, or `dataDir`, which stays.
 * Takes away what killed planes left in memory. Only its owner can read it: it holds keys and tokens.
 *
 * Errors: `LocalError` `DataDirInUse`.
 */
export async function openPlaneFolder(dataDir: string | undefined): Promise<PlaneFolder> {
  if (dataDir === undefined) return temporaryFolder(memoryRoot())
  const dir = resolve(dataDir)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  const lock = tryLock(join(dir, 'lock'))
  if (lock === undefined) throw new LocalError('DataDirInUse', `the data folder ${dir} belongs to a control plane that runs: stop it, or name another folder`)
  return { dir, kept: true, release: () => lock.release() }
}

async function temporaryFolder(root: string): Promise<PlaneFolder> {
  await sweep(root)
  const dir = await mkdtemp(join(root, prefix))
  const lock = tryLock(join(dir, 'lock'))
  // Another plane that starts now took the folder for one that was left behind.
  if (lock === undefined) return temporaryFolder(root)
  return {
    dir,
    kept: false,
    release: () => {
      lock.release()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function memoryRoot(): string {
  try {
    accessSync('/dev/shm', constants.W_OK | constants.X_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

/** The lock tells a folder in use from one whose owner was killed. One that has no lock yet is being made: it is left alone. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const dir = join(root, name)
    if (!name.startsWith(prefix) || !existsSync(join(dir, 'lock'))) continue
    let lock: FileLock | undefined
    try {
      lock = tryLock(join(dir, 'lock'))
    } catch {
      continue // another user's, or going away this moment
    }
    if (lock === undefined) continue
    rmSync(dir, { recursive: true, force: true })
    lock.release()
  }
}
