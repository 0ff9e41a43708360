import { appendFile } from 'node:fs/promises'
import { expect, inject } from 'vitest'
import { kinds } from '../../src/crds/index.ts'
import { audited } from './audit.ts'

/** One line of `seenReasonsFile`: what one stage saw, and the test file that it belongs to. */
export interface SeenReasons {
  readonly file: string
  /** `EksNodeGroup Stalled AlreadyExists` */
  readonly seen: readonly string[]
}

/**
 * Takes every (kind, condition, reason) that operators of this plane wrote, as the API server tells it, and throws when one is not in the registry
 * of `src/crds`. `Ready` may repeat the reason of any other condition of the same write.
 */
export async function collectReasons(auditLog: string): Promise<void> {
  const seen = new Set<string>()
  const unknown = new Set<string>()
  for (const { kind: path, conditions } of await audited(auditLog)) {
    const kind = kinds.find(({ plural }) => `${plural}/status` === path)
    if (kind === undefined) continue
    for (const { type, reason } of conditions) {
      const where = `${kind.kind} ${type} ${reason}`
      const entry = kind.reasons[reason]
      const repeats = type === 'Ready' && conditions.some((other) => other.type !== 'Ready' && other.reason === reason)
      if (entry !== undefined && (repeats || reason === 'Pending' || entry.conditions.includes(type))) seen.add(where)
      else unknown.add(where)
    }
  }
  const { seenReasons } = inject('controlPlane')
  const line: SeenReasons = { file: expect.getState().testPath ?? '', seen: [...seen].toSorted() }
  await appendFile(seenReasons, `${JSON.stringify(line)}\n`)
  if (unknown.size > 0) throw new Error(`seen, but not in src/crds/*-reasons.ts: ${[...unknown].toSorted().join('; ')}`)
}
