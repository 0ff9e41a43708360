import { describe, expect, it } from 'vitest'
import { mustLeave, type Pod } from './pods.ts'

const base = { name: 'p', uid: 'u', resourceVersion: '1' }
const owner = (kind: string): Pod['metadata'] => ({
  ...base,
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'o', uid: 'o', controller: true }],
})

const cases: Readonly<Record<string, readonly [pod: Pod, leaves: boolean]>> = {
  'a pod of a ReplicaSet leaves': [{ metadata: owner('ReplicaSet'), status: { phase: 'Running' } }, true],
  'a pod of nobody leaves': [{ metadata: base, status: { phase: 'Running' } }, true],
  'one that waits to start leaves': [{ metadata: base, status: { phase: 'Pending' } }, true],
  'a pod of a DaemonSet stays': [{ metadata: owner('DaemonSet'), status: { phase: 'Running' } }, false],
  'a mirror of a static pod stays': [{ metadata: { ...base, annotations: { 'kubernetes.io/config.mirror': 'x' } } }, false],
  'what has succeeded stays': [{ metadata: base, status: { phase: 'Succeeded' } }, false],
  'what has failed stays': [{ metadata: base, status: { phase: 'Failed' } }, false],
  'one that is going counts until it is gone': [{ metadata: { ...base, deletionTimestamp: '2026-11-21T00:00:00Z' }, status: { phase: 'Running' } }, true],
}

describe('mustLeave', () => {
  it.each(Object.entries(cases))('%s', (_sentence, [pod, leaves]) => {
    expect(mustLeave(pod)).toBe(leaves)
  })
})
