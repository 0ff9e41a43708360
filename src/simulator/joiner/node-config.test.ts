import { describe, expect, it } from 'vitest'
import type { Node, Taint } from '../../kube/objects.ts'
import { createNodegroup } from '../eks/create-nodegroup.ts'
import type { Nodegroup } from '../state.ts'
import { testRegion } from '../test-region.ts'
import { configAnnotation, configPatch, configText } from './node-config.ts'

const nodeRole = 'arn:aws:iam::111122223333:role/demo-node'
const foreign: Taint = { key: 'other', effect: 'NoExecute' }

function group(labels: Record<string, string>, taints: Nodegroup['taints']): Nodegroup {
  const { region, cluster } = testRegion()
  return createNodegroup(region, cluster, { clusterName: 'demo', nodegroupName: 'w', subnets: ['subnet-0a1b2c3d4e5f60001'], nodeRole, labels, taints })
}

function nodeWith(before: Nodegroup, taints: readonly Taint[] | undefined): Node {
  return {
    metadata: {
      name: 'n',
      uid: 'u',
      resourceVersion: '1',
      labels: { ...before.labels, 'kubernetes.io/os': 'linux' },
      annotations: { [configAnnotation]: configText(before) },
    },
    spec: taints === undefined ? {} : { taints },
  }
}

const guard = (before: Nodegroup, after: Nodegroup) => [
  { op: 'test', path: '/metadata/uid', value: 'u' },
  { op: 'test', path: '/metadata/annotations/simulator.tidegate.io~1node-group-config', value: configText(before) },
  { op: 'replace', path: '/metadata/annotations/simulator.tidegate.io~1node-group-config', value: configText(after) },
]

describe('configPatch', () => {
  it('is empty when nothing changed, in whatever order the labels stand', () => {
    expect(configPatch(nodeWith(group({ a: '1', b: '2' }, []), undefined), group({ b: '2', a: '1' }, []))).toEqual([])
  })

  it('takes off what the group no longer has, and touches no taint of others', () => {
    const before = group({ 'x/a': '1', b: '2' }, [{ key: 't', effect: 'NO_SCHEDULE' }])
    const after = group({ b: '3' }, [])
    const taints: readonly Taint[] = [foreign, { key: 't', effect: 'NoSchedule' }]
    expect(configPatch(nodeWith(before, taints), after)).toEqual([
      ...guard(before, after),
      { op: 'remove', path: '/metadata/labels/x~1a' },
      { op: 'add', path: '/metadata/labels/b', value: '3' },
      { op: 'test', path: '/spec/taints', value: taints },
      { op: 'replace', path: '/spec/taints', value: [foreign] },
    ])
  })

  it('adds the first taint of a node', () => {
    const before = group({}, [])
    const after = group({}, [{ key: 't', value: 'v', effect: 'PREFER_NO_SCHEDULE' }])
    expect(configPatch(nodeWith(before, undefined), after)).toEqual([
      ...guard(before, after),
      { op: 'add', path: '/spec/taints', value: [{ key: 't', value: 'v', effect: 'PreferNoSchedule' }] },
    ])
  })
})
