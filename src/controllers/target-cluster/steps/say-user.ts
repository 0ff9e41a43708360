import type { TargetPass } from '../pass.ts'

/**
 * `status.usedBy`, by which the admission policy refuses a deletion (`crds/policies/deletion.ts`): one of the objects that name this one, and the same as long as
 * it does, so that hundreds that come and go are no writes.
 */
export function sayUser({ draft: { status }, deps, name }: Pick<TargetPass, 'draft' | 'deps' | 'name'>): void {
  const users = deps.others.users(name).map(({ object }) => object)
  const user = shownUser(status.usedBy, users)
  if (user === undefined) delete status.usedBy
  else status.usedBy = user
}

/** Which of `users` (`namespace/name`) is shown where `before` was; `undefined` when there is none. */
export function shownUser(before: string | undefined, users: readonly string[]): string | undefined {
  return users.find((user) => user === before) ?? users.toSorted()[0]
}
