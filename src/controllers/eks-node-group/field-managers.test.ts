import { expect, test } from 'vitest'
import type { KubeObject } from '../../kube/objects.ts'
import { aSpec } from './test-spec.ts'
import { managerOf, projectGroup } from './field-managers.ts'
import { sizeManagerOf } from './size-manager.ts'

const owns = { 'f:spec': { 'f:scaling': { 'f:desiredSize': {}, 'f:minSize': {} } } }
const ownsMore = { 'f:spec': { 'f:scaling': { 'f:minSize': {} }, 'f:tags': {} } }
const ownsOther = { 'f:spec': { 'f:scaling': { 'f:minSize': {} }, 'f:update': { 'f:approval': {} } } }

function groupWith(...managedFields: readonly object[]): KubeObject {
  const metadata = { name: 'workers', namespace: 'training', uid: 'u1', resourceVersion: '1', managedFields }
  return { metadata, spec: aSpec() } as unknown as KubeObject
}

test('of those who own the number the one who wrote last is named, and nothing else of the managed fields is kept', () => {
  const raw = groupWith(
    { manager: 'argocd-controller', operation: 'Apply', time: '2026-11-21T05:00:00Z', fieldsV1: owns },
    { manager: 'kubectl', operation: 'Update', subresource: 'scale', time: '2026-11-21T06:00:00Z', fieldsV1: owns },
    { manager: 'tidegate-finalizer', operation: 'Apply', time: '2026-11-21T07:00:00Z', fieldsV1: ownsMore },
  )
  const group = projectGroup(raw)
  expect(sizeManagerOf(group)).toBe('kubectl')
  expect(group.metadata).toMatchObject({ name: 'workers', managedFields: [{ manager: 'kubectl' }, { manager: 'tidegate-finalizer', of: 'tags' }] })
  expect(group.spec).toEqual(aSpec())
})

test('who set several fields last is named for all of them, and for each of them its own', () => {
  const git = { 'f:spec': { 'f:labels': { 'f:pool': {} }, 'f:version': {}, 'f:launchTemplate': { 'f:version': {} }, 'f:update': { 'f:strategy': {} } } }
  const person = { 'f:spec': { 'f:labels': { 'f:pool': {}, 'f:tier': {} }, 'f:releaseVersion': {}, 'f:update': { 'f:approval': {} } } }
  const raw = groupWith(
    { manager: 'kubectl-edit', operation: 'Update', time: '2026-11-21T06:00:00Z', fieldsV1: person },
    { manager: 'argocd-controller', operation: 'Apply', time: '2026-11-21T05:00:00Z', fieldsV1: git },
  )
  const asked = (...fields: string[]): string | undefined => managerOf(projectGroup(raw), fields)
  expect([asked('labels'), asked('version'), asked('version', 'releaseVersion', 'force')]).toEqual(['kubectl-edit', 'argocd-controller', 'kubectl-edit'])
  // `approval` is no setting that EKS is asked for.
  expect([asked('update'), asked('launchTemplate'), asked('taints')]).toEqual(['argocd-controller', 'argocd-controller', undefined])
})

test('a number that nobody set has no manager', () => {
  const group = projectGroup(groupWith({ manager: 'argocd-controller', operation: 'Apply', time: '2026-11-21T05:00:00Z', fieldsV1: ownsOther }))
  expect(sizeManagerOf(group)).toBeUndefined()
  expect(group.metadata).not.toHaveProperty('managedFields')
  expect(sizeManagerOf(projectGroup(groupWith()))).toBeUndefined()
})
