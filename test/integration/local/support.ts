import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises' // oxlint-disable-line no-restricted-imports -- real processes keep real time
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { sharedAssets } from '../../support/control-plane-own.ts'

/** A folder that goes with the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What kubectl prints; a refusal is thrown with kubectl's words. */
export async function kubectl(kubeconfig: string, args: readonly string[], stdin?: object): Promise<string> {
  const started = promisify(execFile)(sharedAssets().path('kubectl'), ['--kubeconfig', kubeconfig, ...args], { env: { HOME: tmpdir() } })
  started.child.stdin?.end(stdin === undefined ? '' : JSON.stringify(stdin))
  return (await started).stdout.trim()
}

/** Polls until `look` gives something, and says what it threw last when it never does. */
export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined, timeoutMs = 20_000): Promise<T> {
  const deadline = performance.now() + timeoutMs // oxlint-disable-line no-restricted-globals -- real processes keep real time
  let last: unknown = 'nothing yet'
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${String(last)}`, { cause: last }) // oxlint-disable-line no-restricted-globals -- real processes keep real time
    await pause(50)
  }
}

/** Whether a process is there and not just waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    if (process.platform === 'linux') return false
  }
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Resolves when none of `pids` is alive any more. */
export async function allGone(pids: readonly number[]): Promise<void> {
  await eventually(() => {
    const left = pids.filter(isAlive)
    if (left.length > 0) throw new Error(`still alive: ${left.join(', ')}`)
    return true
  })
}
