import { pageOf } from '../paging.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { ScalingGroup } from '../state.ts'

export function validation(message: string): ServiceError {
  return new ServiceError('ValidationError', 400, message)
}

/** @throws ServiceError `ValidationError` in Auto Scaling's words. */
export function groupOf(region: Region, name: string): ScalingGroup {
  const group = region.scalingGroups.get(name)
  if (group === undefined) throw validation(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`)
  return group
}

/**
 * A group that the caller is about to change.
 *
 * @throws ServiceError `AccessDenied` when the group has an operator: "All mutating API calls from non-operator callers are rejected with an
 * AccessDenied exception" (service model, AutoScalingGroup.Operator; the sentence below is ours).
 */
export function changeableGroup(region: Region, name: string): ScalingGroup {
  const group = groupOf(region, name)
  if (group.operator !== undefined) {
    throw new ServiceError('AccessDenied', 403, `Auto Scaling group ${name} is managed by ${group.operator}; only the operator may change it`)
  }
  return group
}

/** @throws ServiceError `InvalidNextToken`. */
export function page<T>(
  region: Region,
  all: readonly T[],
  size: number,
  token: string | undefined,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const { maxPageSize, shortPages } = region.scenario.quotas
  const result = pageOf(all, { size: Math.min(size, maxPageSize), token, short: shortPages })
  if (result === undefined) throw new ServiceError('InvalidNextToken', 400, 'The token is not valid')
  return { items: result.items, next: result.next }
}
