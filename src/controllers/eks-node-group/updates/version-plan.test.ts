import { expect, test } from 'vitest'
import type { NodeGroup, NodeGroupVersionChange } from '../../../aws/eks/port.ts'
import { aGroup } from '../test-pass.ts'
import { aSpec } from '../test-spec.ts'
import { type VersionPlan, planVersion, showsUpdate } from './version-plan.ts'

type Spec = Parameters<typeof aSpec>[0]
const now = { version: '1.35', releaseVersion: '1.35.2-20260616', launchTemplate: { id: 'lt-1', name: 'nodes', version: '1' } }
const force = { update: { approval: 'Manual', force: true } } as const
const wholeWish = { version: '1.36', releaseVersion: '1.36.1-20261101', launchTemplate: { id: 'lt-1', version: '2' } }
const scaleDown = { drain: 'Evict', timeout: '1h', azRebalance: 'Suspend' } as const

/** Of a group in a cluster of this version. */
function planned(spec: Spec, group: Partial<NodeGroup> = {}, clusterVersion?: string): VersionPlan | undefined {
  return planVersion(aSpec(spec), aGroup({ ...now, ...group }), { clusterVersion })
}

const cases: Record<string, readonly [Spec, Partial<NodeGroup>, NodeGroupVersionChange | undefined]> = {
  'what the spec leaves out is EKS’ own': [{}, {}, undefined],
  'the same is nothing to do': [{ version: '1.35', releaseVersion: '1.35.2-20260616', launchTemplate: { name: 'nodes', version: '1' } }, {}, undefined],
  'a version alone goes without a template': [{ version: '1.36', launchTemplate: { id: 'lt-1', version: '1' } }, {}, { version: '1.36' }],
  'a release that the spec names goes along, or EKS takes the newest': [
    { releaseVersion: '1.35.2-20260616', launchTemplate: { name: 'nodes', version: '2' } },
    {},
    { releaseVersion: '1.35.2-20260616', launchTemplate: { id: 'lt-1', version: '2' } },
  ],
  'no release where the template brings the image': [
    { releaseVersion: 'ami-1', launchTemplate: { id: 'lt-1', version: '2' } },
    { amiType: 'CUSTOM', releaseVersion: 'ami-1' },
    { launchTemplate: { id: 'lt-1', version: '2' } },
  ],
  'force, said twice': [{ version: '1.36', ...force, scaleDown: { ...scaleDown, onTimeout: 'Force' } }, {}, { version: '1.36', force: true }],
  'no force, said once': [{ version: '1.36', ...force, scaleDown: { ...scaleDown, onTimeout: 'Wait' } }, {}, { version: '1.36' }],
}
test.each(Object.entries(cases))('B7: %s', (_, [spec, group, change]) => {
  expect(planned(spec, group)?.change).toEqual(change)
})

const { launchTemplate: itsOwn, ...bare } = now
test.each([
  ['of another id', { id: 'lt-2', version: '1' }, itsOwn],
  ['of another name', { name: 'other', version: '2' }, itsOwn],
  ['where EKS has none', { id: 'lt-1', version: '1' }, undefined],
])('B7: a template %s bars every update, and its version is compared with nothing', (_, launchTemplate, has) => {
  const group = aGroup({ ...bare, ...(has && { launchTemplate: has }) })
  const plan = planVersion(aSpec({ version: '1.36', launchTemplate }), group, { clusterVersion: '1.36' })
  expect(plan).toMatchObject({ change: { version: '1.36' }, barred: expect.stringContaining('another launch template') })
  expect(plan?.inWords).not.toContain('launchTemplate.version')
  expect(planVersion(aSpec({ launchTemplate }), group, { clusterVersion: '1.35' })?.barred).toBeDefined()
})

test.each([
  ['newer than the cluster', { version: '1.37' }, '1.36', 'cluster, which has 1.36'],
  ['newer than the cluster, beside a release and a template', { ...wholeWish, version: '1.37' }, '1.36', 'cluster, which has 1.36'],
  ['older than the group', { version: '1.34' }, '1.36', 'this one has 1.35'],
  ['newer than a cluster whose version is not known', { version: '1.37' }, undefined, undefined],
  ['that the cluster has', { version: '1.36' }, '1.36', undefined],
] as const)('B7: a version %s', (_, spec, clusterVersion, words) => {
  const plan = planned(spec, {}, clusterVersion)
  expect(plan?.barred ?? 'nothing').toContain(words ?? 'nothing')
  // The cluster is updated, and whatever was agreed to or failed is about the same.
  const { barred: _was, ...before } = plan ?? {}
  expect(planned(spec, {}, '1.37')).toMatchObject(before)
})

test('B7: a version that the group has is no wish, whatever its cluster has', () => {
  expect(planned({ version: '1.35' }, {}, '1.34')).toBeUndefined()
  expect(planned({ version: '1.35', releaseVersion: '1.35.3-20260801' }, {}, '1.34')).not.toHaveProperty('barred')
})

function hash(spec: Spec): string | undefined {
  return planned(spec)?.hash
}

test('another wish has another hash, and another number of nodes has not', () => {
  const wish = { version: '1.36' }
  const all = [wish, { version: '1.37' }, { ...wish, ...force }, { ...wish, update: { approval: 'Manual', force: false, maxUnavailable: 2 } as const }]
  expect(new Set(all.map(hash)).size).toBe(all.length)
  expect(hash({ ...wish, scaling: { minSize: 3, maxSize: 5, sizeOwner: 'Orders', allowLarge: false } })).toBe(hash(wish))
  expect(hash({ ...wish, update: { approval: 'Automatic', force: false } })).toBe(hash(wish))
})

test('what an update was asked for shows once the group has all of it, and not before', () => {
  const { to } = planned(wholeWish) ?? {}
  expect([{}, { version: '1.36' }, { ...wholeWish, version: '1.35' }, wholeWish].map((shown) => showsUpdate(to, aGroup({ ...now, ...shown })))).toEqual([
    false,
    false,
    false,
    true,
  ])
})
