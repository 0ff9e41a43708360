import type { Pass } from '../pass.ts'

/**
 * What is not there cannot be judged, and what was said of a group that is gone must not look like the state of the next one. Only for what AWS said is
 * not there: a read that it refuses ends the pass before any report, so that all stays as it was said.
 */
export function pending({ draft, seen }: Pick<Pass, 'draft' | 'seen'>, type: string): void {
  draft.conditions.setUnknown(type, 'Pending', seen.group === undefined ? 'there is no node group to look at' : 'not looked at yet')
}
