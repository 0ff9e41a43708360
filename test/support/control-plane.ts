import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { kinds } from '../../src/crds/index.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { ensureAssets } from '../../src/local/assets.ts'
import { startControlPlane } from '../../src/local/control-plane.ts'
import type { IdentityName } from '../../src/local/identities.ts'
import { createProgressDisplay } from '../../src/local/progress-display.ts'
import { allPassed, seenBy, unseenReasons } from './reasons-of-run.ts'

/** What a test gets from `inject('controlPlane')`: the one plane that all tests of a run share. */
export interface SharedControlPlane {
  /** `https://127.0.0.1:PORT` */
  readonly server: string
  /** A kubeconfig path for each identity; only `admin` has rights until `config/rbac` is applied. */
  readonly identities: Readonly<Record<IdentityName, string>>
  /** The path of the audit log: every write to this plane, one JSON line each, until the run ends. */
  readonly auditLog: string
  /** A folder with kubectl, helm and the control plane's programs. */
  readonly assetsFolder: string
  /** For planes of a test's own on the same etcd (`control-plane-own.ts`). */
  readonly etcdUrl: string
  /** A file of the run where stages write which reasons they saw (`seen-reasons.ts`). */
  readonly seenReasons: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly controlPlane: SharedControlPlane
  }
}

/** The project whose run shows every reason of the registry. */
const showsAll = 'integration'

/**
 * vitest's globalSetup: builds the binaries where there are none (minutes, shown on standard error), starts the plane, and tells the tests where it
 * is. A run without a control plane fails with the reason; it is never skipped.
 *
 * What it gives back runs after the last test of the project: it throws, which fails the run, when every test ran and a reason of the registry was seen by
 * none.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const assets = await ensureAssets({ display: createProgressDisplay(process.stderr, systemClock) })
  const plane = await startControlPlane({ assets })
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-run-'))
  const seenReasons = join(folder, 'seen-reasons')
  const { server, identities, auditLog, etcdUrl } = plane
  project.provide('controlPlane', { server, identities, auditLog, assetsFolder: assets.folder, etcdUrl, seenReasons })
  return async () => {
    await plane.stop()
    try {
      const findings = project.name === showsAll && (await allPassed(project)) ? unseenReasons(kinds, await seenBy(seenReasons)) : []
      if (findings.length > 0) throw new Error(`reasons of src/crds/*-reasons.ts against those of the run:\n${findings.join('\n')}`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
