import { type Grant, type Permission, permissions } from '../../aws/permissions.ts'

/** What the IAM policy allows though no call of ours makes it, since AWS checks it of the caller: one row for each action, with the calls that need it. */
export function grantTable(): string {
  const needed = new Map<string, { readonly grant: Grant; readonly calls: string[] }>()
  for (const [call, { alsoNeeds }] of Object.entries<Permission>(permissions)) {
    for (const grant of alsoNeeds) {
      if (grant.action in permissions) continue
      const known = needed.get(grant.action) ?? { grant, calls: [] }
      needed.set(grant.action, known)
      known.calls.push(call)
    }
  }
  const rows = [...needed.values()]
    .toSorted((a, b) => (a.grant.action < b.grant.action ? -1 : 1))
    .map(({ grant, calls }) => `| \`${grant.action}\` | ${calls.map((call) => `\`${call}\``).join(', ')} | ${grant.reason} | ${grant.source} |`)
  return ['| allowed | for the call | why | source |', '|---|---|---|---|', ...rows].join('\n')
}
