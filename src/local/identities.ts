import type { Random } from '../lib/random.ts'

/** Who a client of the local control plane may be. */
export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
}

const operatorNamespace = 'tidegate-system'

/**
 * The administrator may do everything; the operator is the chart's service account; the others are people whose rights come from `config/rbac`
 * alone. Nobody but the administrator has a right until it is applied.
 */
const identities = {
  admin: { user: 'admin', groups: ['system:masters'] },
  operator: {
    user: `system:serviceaccount:${operatorNamespace}:tidegate-operator`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${operatorNamespace}`],
  },
  viewer: { user: 'viewer@example.com', groups: [] },
  editor: { user: 'editor@example.com', groups: [] },
  approver: { user: 'approver@example.com', groups: [] },
} as const satisfies Readonly<Record<string, Identity>>

export type IdentityName = keyof typeof identities

export const identityNames = Object.keys(identities) as readonly IdentityName[]

/** A secret for each identity. */
export type Tokens = Readonly<Record<IdentityName, string>>

export function createTokens(random: Random): Tokens {
  return Object.fromEntries(identityNames.map((name) => [name, `${random.id()}${random.id()}`.replaceAll('-', '')])) as Record<IdentityName, string>
}

/** The API server's `--token-auth-file`: `token,user,uid,"group1,group2"`. */
export function tokenFile(tokens: Tokens): string {
  const rows = identityNames.map((name) => {
    const { user, groups }: Identity = identities[name]
    // An empty last column would be a group with an empty name.
    return [tokens[name], user, name, ...(groups.length === 0 ? [] : [`"${groups.join(',')}"`])].join(',')
  })
  return `${rows.join('\n')}\n`
}

/** A kubeconfig of one context, with nothing in it that points elsewhere. JSON is YAML. */
export function kubeconfig(options: { readonly server: string; readonly caPem: string; readonly token: string; readonly name: IdentityName }): string {
  const { server, caPem, token, name } = options
  const cluster = 'tidegate-local'
  const context = name === 'admin' ? cluster : `${cluster}-${name}`
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
      users: [{ name, user: { token } }],
      contexts: [{ name: context, context: { cluster, user: name } }],
      'current-context': context,
    },
    undefined,
    2,
  )}\n`
}
