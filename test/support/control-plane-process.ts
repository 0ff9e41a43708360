import { createLogger } from '../../src/observability/logger.ts'
import { runControlPlane } from '../../src/local/run-control-plane.ts'
import { isLocalError } from '../../src/local/local-error.ts'

/**
 * A process of its own that holds a control plane, for tests of how it ends: `node control-plane-process.ts [DATA_DIR]`. Standard output is what
 * `tidegate control-plane` prints.
 */
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort(new Error(signal)))
const dataDir = process.argv[2]
try {
  await runControlPlane({
    ...(dataDir === undefined ? {} : { dataDir }),
    stdout: process.stdout,
    signal: stopping.signal,
    log: createLogger({ level: 'debug' }),
  })
} catch (error) {
  if (!isLocalError(error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
