import { expect, test } from 'vitest'
import type { TargetClusterStatus } from '../../../crds/target-cluster.ts'
import type { TargetPass } from '../pass.ts'
import { countNodes } from './count-nodes.ts'

interface Given {
  readonly gpus?: string
  readonly ready?: boolean
  readonly cordoned?: boolean
  readonly taint?: string
}

function counted(nodes: readonly Given[], options: { readonly hasSynced?: boolean; readonly requested?: number; readonly before?: object } = {}) {
  const { hasSynced = true, requested = 0, before = {} } = options
  const list = nodes.map(({ gpus, ready = true, cordoned = false, taint }) => ({
    spec: { unschedulable: cordoned, ...(taint === undefined ? {} : { taints: [{ key: taint, value: 'x', effect: 'NoSchedule' }] }) },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }], capacity: gpus === undefined ? {} : { 'nvidia.com/gpu': gpus } },
  }))
  const status = { ...before }
  const connection = { nodes: { hasSynced, list: () => list, gpusRequested: () => requested } }
  countNodes({ draft: { status }, facts: { connection } } as unknown as TargetPass)
  return status as TargetClusterStatus
}

test('nodes by state: a cordoned one is not schedulable, and one that is not Ready neither', () => {
  expect(counted([{}, { cordoned: true }, { ready: false }, { ready: false, cordoned: true }]).nodes).toEqual({ total: 4, ready: 2, schedulable: 1 })
})

test('a node that leaves or is in maintenance is not schedulable, whoever asked; one that is kept for some pods is', () => {
  const nodes = [{ taint: 'tidegate.io/leaving' }, { taint: 'tidegate.io/maintenance' }, { taint: 'nvidia.com/gpu' }, {}]
  expect(counted(nodes).nodes).toEqual({ total: 4, ready: 4, schedulable: 2 })
})

test('GPUs of all nodes, and what pods have requested of them', () => {
  expect(counted([{ gpus: '8' }, { gpus: '8', ready: false }, {}], { requested: 5 }).gpus).toEqual({ capacity: 16, allocated: 5 })
})

test('GPUs in the words of Kubernetes, and more than anybody has', () => {
  const shared = { capacity: 1000, allocated: 2_147_483_647 }
  expect(counted([{ gpus: '1k' }], { requested: 4_000_000_000 }).gpus).toEqual(shared)
})

test('no GPUs: the field is not there, also where there were some before', () => {
  expect(counted([{}, { gpus: '0' }], { before: { gpus: { capacity: 8, allocated: 0 } } }).gpus).toBeUndefined()
})

test('nothing is said before nodes and pods are known', () => {
  const before = { nodes: { total: 3, ready: 3, schedulable: 3 }, gpus: { capacity: 8, allocated: 1 } }
  expect(counted([], { hasSynced: false, before })).toEqual(before)
})
