import { expect, test } from 'vitest'
import type { KubeObject } from '../../kube/objects.ts'
import { aSpec } from './a-spec.ts'
import { projectGroup, sizeManagerOf } from './size-manager.ts'

const owns = { 'f:spec': { 'f:scaling': { 'f:desiredSize': {}, 'f:minSize': {} } } }
const ownsMore = { 'f:spec': { 'f:scaling': { 'f:minSize': {} }, 'f:tags': {} } }

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
  expect(group.metadata).toMatchObject({ name: 'workers', managedFields: [{ manager: 'kubectl' }] })
  expect(group.spec).toEqual(aSpec())
})

test('a number that nobody set has no manager', () => {
  const group = projectGroup(groupWith({ manager: 'argocd-controller', operation: 'Apply', time: '2026-11-21T05:00:00Z', fieldsV1: ownsMore }))
  expect(sizeManagerOf(group)).toBeUndefined()
  expect(group.metadata).not.toHaveProperty('managedFields')
  expect(sizeManagerOf(projectGroup(groupWith()))).toBeUndefined()
})
