import { dump } from 'js-yaml'
import { approval } from './approval.ts'
import { groupDeletion, targetDeletion } from './deletion.ts'
import { force } from './force.ts'
import { type Policy, toManifests } from './policy.ts'
import { desiredSize, removals } from './sizes.ts'

/** Every policy, for an operator that the API server knows by this name. They need no right of ours: the API server enforces them. */
export function policiesFor(user: string): readonly Policy[] {
  return [groupDeletion, targetDeletion, desiredSize(user), removals(user), force, approval(user)]
}

/** Policies as one stream of YAML documents. */
export function renderPolicies(policies: readonly Policy[]): string {
  return policies.map(renderPolicy).join('---\n')
}

/** One policy with its binding as YAML; the same bytes for the same policy. */
export function renderPolicy(policy: Policy): string {
  const note = policy.description.replaceAll(/(.{1,140})(?: |$)/g, '# $1\n')
  return (
    note +
    toManifests(policy)
      .map((manifest) => dump(manifest, { lineWidth: -1, noRefs: true }))
      .join('---\n')
  )
}
