import { counted } from '../../../lib/counted.ts'
import { firstClauses } from '../../../lib/first-names.ts'
import type { Removal } from './removal.ts'

/** What people know it by. */
export function nameOf({ nodeName, instanceId }: Removal): string {
  return nodeName ?? instanceId
}

/** `2 nodes leaving: ip-10-0-1-23: 11 pods are left; ip-10-0-1-24: …`; the first three are named. */
export function nodesInWords(removals: readonly Removal[], what: 'leaving' | 'cannot leave'): string {
  const named = removals.slice(0, 3).map((one) => `${nameOf(one)}: ${one.message === '' ? one.state : one.message}`)
  return `${counted(removals.length, 'node')} ${what}: ${firstClauses(named, removals.length)}`
}
