import { DatabaseSync } from 'node:sqlite'

export interface FileLock {
  release(): void
}

/** SQLITE_BUSY: somebody else holds it (sqlite.org/rescode.html#busy). */
const busy = 5

/**
 * Takes the lock that `path` stands for, or gives `undefined` when another process (or another caller in this one) has it.
 *
 * Guarantees: the kernel holds it, so that a killed process leaves none behind; it does not pass on to child processes. Node has no flock of its
 * own: SQLite's exclusive transaction is one (a POSIX record lock), on every system that Node runs on.
 */
export function tryLock(path: string): FileLock | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
  return { release: () => database.close() }
}
