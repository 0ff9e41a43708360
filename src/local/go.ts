import { execFile } from 'node:child_process'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { promisify } from 'node:util'
import { buildEnvironment } from './asset-list.ts'
import { Child } from './child.ts'
import type { Environment } from './environment.ts'
import { isGoNewEnough } from './go-output.ts'
import { LocalError } from './local-error.ts'

const run = promisify(execFile)

/** What `go` runs with: the person's own settings (proxy, caches), but for this machine, without a workspace file of theirs. */
export function goEnvironment(environment: Environment, temporary: string): Record<string, string> {
  const kept = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const { GOOS: _os, GOARCH: _arch, ...rest } = Object.fromEntries(kept)
  return { ...rest, ...buildEnvironment, GOWORK: 'off', GOTMPDIR: temporary }
}

/**
 * Ends with a `LocalError` (`NoGo`, `GoTooOld`) unless a Go that can build the module in `folder` is there. A Go that may fetch a newer one by
 * itself (`GOTOOLCHAIN=auto`) counts as new enough.
 */
export async function checkGo(need: string, folder: string, env: Record<string, string>): Promise<void> {
  const remedy = 'install it from https://go.dev/dl, or set KUBEBUILDER_ASSETS to a folder that holds the binaries'
  const version = async (extra: Record<string, string>): Promise<string> => {
    const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd: folder, env: { ...env, ...extra } })
    return stdout.trim()
  }
  const local = await version({ GOTOOLCHAIN: 'local', GOFLAGS: '', GO111MODULE: 'off' }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES')) {
      throw new LocalError('NoGo', `Go ${need} or newer builds the local control plane, and there is no go in PATH: ${remedy}`, { cause: error })
    }
    throw new LocalError('NoGo', `Go ${need} or newer builds the local control plane, and the go in PATH does not run: ${remedy}`, { cause: error })
  })
  if (isGoNewEnough(local, need)) return
  const fetched = await version({}).catch(() => local)
  if (!isGoNewEnough(fetched, need)) {
    throw new LocalError('GoTooOld', `Go ${need} or newer builds the local control plane, the one in PATH is ${local.replace(/^go/, '')}: ${remedy}`)
  }
}

/** Runs `go` on a leash and hands over every line of both outputs. Gives whether it ended well. */
export async function runGo(
  args: readonly string[],
  options: {
    readonly folder: string
    readonly env: Record<string, string>
    readonly signal: AbortSignal
    readonly onOutput: (line: string) => void
    readonly onError: (line: string) => void
  },
): Promise<boolean> {
  const { folder, env, signal, onOutput, onError } = options
  signal.throwIfAborted()
  const child = await Child.start({ name: 'go', command: 'go', args, env, cwd: folder, sources: folder, graceMs: 1_000, group: true })
  const stop = (): void => void child.end()
  signal.addEventListener('abort', stop, { once: true })
  // It may have come while go was started, when nobody listened.
  if (signal.aborted) stop()
  try {
    const empty = new PassThrough().end()
    const [end] = await Promise.all([child.ended, eachLine(child.output ?? empty, onOutput), eachLine(child.errors ?? empty, onError)])
    signal.throwIfAborted()
    return end.code === 0
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function eachLine(input: NodeJS.ReadableStream, take: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) take(line)
}
