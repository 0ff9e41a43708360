import { rfc3339 } from '../../../runtime/conditions.ts'
import type { Pass } from '../pass.ts'
import type { Removal } from './removal.ts'

/** The intent of one termination; it is stored before the call, and good for one. */
export function intendEnd({ once, surroundings }: Pick<Pass, 'once' | 'surroundings'>): NonNullable<Removal['call']> {
  return { token: once.make(), at: rfc3339(surroundings.now()) }
}
