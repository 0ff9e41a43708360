import { dump } from 'js-yaml'
import { group, type Kind } from '../../crds/crd.ts'

const write = ['create', 'update', 'patch', 'delete']

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/**
 * The roles that people are bound to. None holds a status or a finalizer, which are the operator's alone; only the viewer aggregates to Kubernetes'
 * own `view`, so that nobody gets a right to change capacity by being an editor of a namespace. What cluster-scoped kinds say about accounts and
 * roles is for administrators.
 */
export function humanRoles(kinds: readonly Kind[]): string {
  const all = kinds.map(({ plural }) => plural)
  const namespaced = kinds.filter(({ scope }) => scope === 'Namespaced').map(({ plural }) => plural)
  const scales = kinds.filter(({ scale }) => scale !== undefined).map(({ plural }) => `${plural}/scale`)
  const see = [...one(all, ['get', 'list', 'watch']), ...one(scales, ['get'])]
  const approved = kinds.filter(({ verbs = [] }) => verbs.includes('approve')).map(({ plural }) => plural)
  const decide = kinds.flatMap(({ plural, verbs = [] }) => one([plural], verbs))
  const edit = [...see, ...one(namespaced, write), ...one(scales, ['update', 'patch'])]
  const roles: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, rules: readonly Rule[]])[] = [
    ['viewer', { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }, see],
    ['editor', {}, edit],
    // A policy sees to it that patch without update is for the approval alone.
    ['approver', {}, [...see, ...one(approved, ['patch', 'approve'])]],
    ['admin', {}, [...see, ...one(all, write), ...one(scales, ['update', 'patch']), ...decide]],
  ]
  return roles.map(([name, labels, rules]) => dump(clusterRole(name, labels, rules), { flowLevel: 3, noRefs: true })).join('---\n')
}

function one(resources: readonly string[], verbs: readonly string[]): readonly Rule[] {
  return resources.length === 0 || verbs.length === 0 ? [] : [{ apiGroups: [group], resources, verbs }]
}

function clusterRole(name: string, labels: Readonly<Record<string, string>>, rules: readonly Rule[]): object {
  const metadata = { name: `tidegate-${name}`, ...(Object.keys(labels).length === 0 ? {} : { labels }) }
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules }
}
