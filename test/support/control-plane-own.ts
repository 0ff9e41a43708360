import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import type { Assets } from '../../src/local/assets.ts'
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../src/local/control-plane.ts'

/** The programs that the shared plane runs on. */
export function sharedAssets(): Assets {
  const { assetsFolder } = inject('controlPlane')
  return { folder: assetsFolder, path: (name) => join(assetsFolder, name) }
}

/**
 * A plane for one test alone, for what would disturb others: killing, pausing, compaction, flags. It ends with the test. An API server alone
 * (`parts: []`) takes 3 s and 0.35 GB; with `etcd: { url: inject('controlPlane').etcdUrl, prefix: '/name' }` it needs no etcd of its own.
 */
export async function ownControlPlane(options: Omit<ControlPlaneOptions, 'assets'> = {}): Promise<ControlPlane> {
  const plane = await startControlPlane({ ...options, assets: sharedAssets() })
  onTestFinished(() => plane.stop())
  return plane
}
