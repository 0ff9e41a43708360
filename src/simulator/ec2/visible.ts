import type { Region } from '../region.ts'
import type { LaunchTemplate, LaunchTemplateVersion } from '../state.ts'

/**
 * Read-after-write (aws-rules G11): a new launch template or version is not seen by other calls for a moment. What the scenario brought is.
 */
export function isVisible(region: Region, { readableAtMs }: { readonly readableAtMs?: number | undefined }): boolean {
  return (readableAtMs ?? 0) <= region.clock.monotonicMs()
}

/** The versions that can be read, and the number of the newest of them. */
export function visibleVersions(region: Region, template: LaunchTemplate): { readonly versions: readonly LaunchTemplateVersion[]; readonly latest: number } {
  const versions = template.versions.filter((version) => isVisible(region, version))
  return { versions, latest: versions.at(-1)?.version ?? 0 }
}
