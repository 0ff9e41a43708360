import { dump } from 'js-yaml'
import type { Permission } from '../../kube/permission.ts'

/** A controller, as far as its rights go. */
export interface Holder {
  readonly name: string
  readonly permissions: readonly Permission[]
}

/** Where the operator runs unless an installation says otherwise. */
const releaseNamespace = 'tidegate-system'
const operator = 'tidegate-operator'
const rbac = 'rbac.authorization.k8s.io'

/**
 * The rights of the operator in the management cluster: its namespace, service account, roles and their bindings. Each rule stands below the reason
 * that its controller gives.
 *
 * Errors: throws on a right that no operator role may have (architecture §9): a wildcard, deleting pods, deciding, impersonating, escalating, and
 * names beside verbs that know no name.
 */
export function operatorRoles(holders: readonly Holder[]): string {
  const subject = { kind: 'ServiceAccount', name: operator, namespace: releaseNamespace }
  const namespaced = { name: operator, namespace: releaseNamespace }
  return documents(
    dump({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: releaseNamespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    }),
    dump({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: namespaced }),
    role('ClusterRole', { name: operator }, holders, 'management'),
    dump({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: operator },
      roleRef: roleRef('ClusterRole', operator),
      subjects: [subject],
    }),
    role('Role', namespaced, holders, 'releaseNamespace'),
    dump({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: namespaced, roleRef: roleRef('Role', operator), subjects: [subject] }),
  )
}

const target = { name: 'tidegate-target', namespace: 'kube-system' }

/** The rights in a target cluster, which nobody has until they are bound there to whoever the operator is in that cluster. */
export function targetRoles(holders: readonly Holder[]): string {
  return documents(role('ClusterRole', { name: target.name }, holders, 'target'), role('Role', target, holders, 'targetSystem'))
}

/**
 * Binds the rights in a target to the operator's service account, for the cluster that it runs in (`connection.inCluster`). In any other cluster whoever
 * may make that namespace and service account would get to patch nodes and to evict pods.
 */
export function ownTargetBindings(): string {
  const { name, namespace } = target
  const subjects = [{ kind: 'ServiceAccount', name: operator, namespace: releaseNamespace }]
  const bound = `${name}-in-cluster`
  return `# For the operator's own cluster alone (connection.inCluster); elsewhere bind the roles of target.yaml to whoever it is there.\n${documents(
    dump({ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: bound }, roleRef: roleRef('ClusterRole', name), subjects }),
    dump({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: bound, namespace }, roleRef: roleRef('Role', name), subjects }),
  )}`
}

/**
 * A role that nobody has until an administrator binds it: to delete what is left after the deadline of a drain that a person has forced. The only
 * file in which a right to delete pods may stand.
 */
export function forceDrainRole(permissions: readonly Permission[]): string {
  const name = 'tidegate-force-drain'
  const head = dump({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name } })
  return `# Opt-in, and bound to nobody. In the operator's own cluster (connection.inCluster):
#   kubectl create clusterrolebinding ${name} --clusterrole=${name} --serviceaccount=${releaseNamespace}:${operator}
# In a remote target, after this file is applied there, for whoever Tidegate is there (docs/drain.md): --user=<user of the kubeconfig>
${head}rules:\n${permissions.map((permission) => written('drain', permission)).join('')}`
}

function role(kind: 'ClusterRole' | 'Role', metadata: object, holders: readonly Holder[], scope: Permission['scope']): string {
  const rules = holders.flatMap(({ name, permissions }) =>
    permissions.filter((permission) => permission.scope === scope).map((permission) => ruleText(name, permission)),
  )
  const head = dump({ apiVersion: `${rbac}/v1`, kind, metadata })
  return `${head}rules:${rules.length === 0 ? ' []' : ''}\n${rules.join('')}`
}

function ruleText(holder: string, permission: Permission): string {
  demandHarmless(holder, permission)
  return written(holder, permission)
}

function written(holder: string, permission: Permission): string {
  const { apiGroup, resources, verbs, resourceNames, reason } = permission
  const rule = { apiGroups: [apiGroup], resources, ...(resourceNames === undefined ? {} : { resourceNames }), verbs }
  return indented(`# ${holder}: ${reason}\n${dump([rule], { flowLevel: 2 })}`)
}

const forbiddenVerbs = new Set(['*', 'approve', 'bind', 'cancel', 'deletecollection', 'escalate', 'force', 'impersonate'])
const namelessVerbs = ['create', 'list', 'watch']

function demandHarmless(holder: string, { apiGroup, resources, verbs, resourceNames, reason }: Permission): void {
  const refuse = (why: string): never => {
    throw new Error(`permissions of ${holder}: ${why} (${resources.join(', ')}: ${verbs.join(', ')})`)
  }
  if (apiGroup.includes('*') || resources.some((resource) => resource.includes('*'))) refuse('no wildcard')
  for (const verb of verbs) if (forbiddenVerbs.has(verb)) refuse(`the operator never holds "${verb}"`)
  if (apiGroup === '' && resources.includes('pods') && verbs.includes('delete')) refuse('pods are evicted, not deleted')
  if (resourceNames !== undefined && verbs.some((verb) => namelessVerbs.includes(verb))) refuse(`${namelessVerbs.join(', ')} know no name`)
  if (reason === '') refuse('a reason is missing')
}

function roleRef(kind: string, name: string): object {
  return { apiGroup: rbac, kind, name }
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}

function documents(...texts: readonly string[]): string {
  return texts.join('---\n')
}
