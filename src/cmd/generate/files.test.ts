import { loadAll } from 'js-yaml'
import { expect, test } from 'vitest'
import { iamPolicy } from '../../aws/iam-policy.ts'
import { permissions as awsPermissions } from '../../aws/permissions.ts'
import { kinds } from '../../crds/index.ts'
import type { Permission } from '../../kube/permission.ts'
import { generatedFiles } from './files.ts'

const watchNodes: Permission = { apiGroup: '', resources: ['nodes'], verbs: ['list', 'watch'], scope: 'target', reason: 'counts nodes' }
const readSecret: Permission = { apiGroup: '', resources: ['secrets'], verbs: ['get'], scope: 'releaseNamespace', reason: 'reads kubeconfigs by name' }
const status: Permission = { apiGroup: 'tidegate.io', resources: ['eksnodegroups/status'], verbs: ['patch'], scope: 'management', reason: 'applies the status' }

function generate(
  permissions: readonly Permission[] = [watchNodes, readSecret, status],
  pages: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  return generatedFiles({ kinds, holders: [{ name: 'sample', permissions }], iamPolicy: '{}\n', read: (path) => pages.get(path) })
}

interface Role {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly rules?: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] }[]
}

function roles(path: string, files = generate()): readonly Role[] {
  return loadAll(files.get(path) ?? '') as unknown as readonly Role[]
}

test('generating from its own output gives the same bytes', () => {
  const once = generate()
  expect([...generate(undefined, once)]).toEqual([...once])
})

test('what people wrote above and below the tables stays', () => {
  const page = 'docs/kinds/eksnodegroup.md'
  const by = 'By hand.\n\n<!-- generated: begin -->\nSuperseded.\n<!-- generated: end -->\n\nBelow.\n'
  const made = generate(undefined, new Map([[page, by]])).get(page)
  expect(made).toMatch(/^By hand\.\n/)
  expect(made).toMatch(/\nBelow\.\n$/)
  expect(made).toContain('| `scaling.maxSize` | integer 1–1000 | required | Most nodes. |')
  expect(made).not.toContain('Superseded')
})

test('a page with half a pair of markers is refused with its path', () => {
  expect(() => generate(undefined, new Map([['docs/kinds/defaults.md', '<!-- generated: end -->']]))).toThrow(/docs\/kinds\/defaults\.md: the markers/)
})

test('rights go to the role of their scope, with the reason above the rule', () => {
  const files = generate()
  const operator = roles('config/rbac/operator.yaml', files)
  expect(operator.find(({ kind }) => kind === 'ClusterRole')?.rules).toEqual([
    { apiGroups: ['tidegate.io'], resources: ['eksnodegroups/status'], verbs: ['patch'] },
  ])
  expect(operator.find(({ kind }) => kind === 'Role')?.rules).toEqual([{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }])
  expect(roles('config/rbac/target.yaml', files)[0]?.rules).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['list', 'watch'] }])
  expect(files.get('config/rbac/target.yaml')).toContain('# sample: counts nodes\n')
})

test('what is applied to a remote target binds nobody: its service account there may be made by others', () => {
  const files = generate()
  expect(roles('config/rbac/target.yaml', files).map(({ kind }) => kind)).toEqual(['ClusterRole', 'Role'])
  const bound = { metadata: { name: 'tidegate-target-in-cluster' }, subjects: [{ name: 'tidegate-operator', namespace: 'tidegate-system' }] }
  expect(roles('config/rbac/this-cluster.yaml', files)).toMatchObject([
    { kind: 'ClusterRoleBinding', roleRef: { kind: 'ClusterRole', name: 'tidegate-target' }, ...bound },
    { kind: 'RoleBinding', roleRef: { kind: 'Role', name: 'tidegate-target' }, ...bound },
  ])
})

const harmful: Readonly<Record<string, readonly [Partial<Permission>, RegExp]>> = {
  'a wildcard resource': [{ resources: ['*'] }, /permissions of sample: no wildcard/],
  'a wildcard verb': [{ verbs: ['*'] }, /never holds "\*"/],
  'deleting pods': [{ resources: ['pods'], verbs: ['delete'] }, /pods are evicted, not deleted/],
  approving: [{ verbs: ['approve'] }, /never holds "approve"/],
  impersonating: [{ verbs: ['impersonate'] }, /never holds "impersonate"/],
  escalating: [{ verbs: ['escalate'] }, /never holds "escalate"/],
  'a name beside list': [{ verbs: ['get', 'list'], resourceNames: ['a'] }, /know no name/],
  'a right without a reason': [{ reason: '' }, /a reason is missing/],
}
test.each(Object.entries(harmful))('%s is refused', (_, [change, message]) => {
  expect(() => generate([{ ...watchNodes, ...change }])).toThrow(message)
})

test("what the IAM policy allows and no call of ours makes stands on the operator's page, with the reason", () => {
  const page = generate().get('docs/operator.md') ?? ''
  const explained = [...page.matchAll(/^\| `(\w+:\w+)` \| `eks:[^|]+ \| \w[^|]+ \| \S[^|]+ \|$/gm)].map(([, action]) => action)
  const granted = iamPolicy().Statement.flatMap(({ Action }) => Action)
  expect(explained).toEqual([...new Set(granted)].filter((action) => !(action in awsPermissions)).toSorted())
  expect(page).toContain('| `ec2:RunInstances` | `eks:CreateNodegroup`, `eks:UpdateNodegroupVersion` | with a launch template EKS checks ')
})

test('the right to delete pods stands in a role of its own, bound to nobody', () => {
  const files = generate()
  const forced = roles('config/rbac/force-drain.yaml', files)
  expect(forced).toMatchObject([{ kind: 'ClusterRole', metadata: { name: 'tidegate-force-drain' } }])
  expect(forced[0]?.rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }])
  const bindings = ['operator', 'target', 'this-cluster', 'people']
    .flatMap((file) => roles(`config/rbac/${file}.yaml`, files))
    .filter(({ kind }) => kind.endsWith('Binding'))
  expect(JSON.stringify(bindings)).not.toContain('force-drain')
})

test('no person holds a status or a finalizer, and only the viewer becomes part of view', () => {
  const people = roles('config/rbac/people.yaml')
  expect(people.map(({ metadata }) => metadata.name)).toEqual(['tidegate-viewer', 'tidegate-editor', 'tidegate-approver', 'tidegate-admin'])
  const held = people.flatMap(({ rules }) => rules ?? []).flatMap(({ resources }) => resources)
  expect(held.filter((resource) => /\/(status|finalizers)$|\*/.test(resource))).toEqual([])
  const aggregated = people.filter(({ metadata }) => Object.keys(metadata.labels ?? {}).some((label) => label.includes('aggregate-to')))
  expect(aggregated.map(({ metadata }) => metadata)).toEqual([{ name: 'tidegate-viewer', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }])
})

test('viewers write nothing, approvers what a policy narrows to their approval, editors no cluster-scoped kind', () => {
  const writes = new Map(
    roles('config/rbac/people.yaml').map(({ metadata, rules }) => [
      metadata.name,
      (rules ?? []).filter(({ verbs }) => verbs.includes('patch')).flatMap(({ resources }) => resources),
    ]),
  )
  expect(Object.fromEntries(writes)).toEqual({
    'tidegate-viewer': [],
    'tidegate-editor': ['eksnodegroups', 'eksnodegroups/scale'],
    'tidegate-approver': ['eksnodegroups'],
    'tidegate-admin': ['targetclusters', 'eksnodegroups', 'eksnodegroups/scale'],
  })
})
