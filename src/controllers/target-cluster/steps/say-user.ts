import type { TargetPass } from '../pass.ts'

/**
 * `status.usedBy`, by which the admission policy refuses a deletion (`crds/policies/deletion.ts`): one of the objects that name this one, and the same as long as
 * it does, so that hundreds that come and go are no writes.
 */
export function sayUser({ draft: { status }, deps, name }: Pick<TargetPass, 'draft' | 'deps' | 'name'>): void {
  const users = deps.others.users(name).map(({ object }) => object)
  const user = users.find((object) => object === status.usedBy) ?? users.toSorted()[0]
  if (user === undefined) delete status.usedBy
  else status.usedBy = user
}
