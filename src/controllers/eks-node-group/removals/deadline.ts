import { deadlineOf } from '../../../drain/request.ts'
import { durationMs } from '../../../lib/duration.ts'
import type { Pass } from '../pass.ts'
import type { Removal } from './removal.ts'

/** The default of the schema: of a CRD that was not upgraded an object has none. */
const defaultTimeoutMs = 3_600_000

/** When `scaleDown.timeout` of this node's drain is over; `undefined` before it has begun. */
export function drainDeadline({ spec }: Pick<Pass, 'spec'>, { drain }: Removal): Date | undefined {
  return deadlineOf(drain, durationMs(spec.scaleDown.timeout) ?? defaultTimeoutMs)
}
