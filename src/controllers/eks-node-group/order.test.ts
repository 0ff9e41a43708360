import { expect, test } from 'vitest'
import type { NodeGroupTaint } from '../../aws/eks/port.ts'
import { aGroup, aPass } from './test-pass.ts'
import { healthIssuesOf } from './health-issues.ts'
import { observe } from './observe.ts'

test('in which order AWS names things makes no difference in the status', () => {
  const taints: NodeGroupTaint[] = [
    { key: 'b', effect: 'NoSchedule' },
    { key: 'a', effect: 'NoSchedule', value: 'x' },
    { key: 'a', effect: 'NoExecute' },
  ]
  const subnetIds = ['subnet-2', 'subnet-1']
  const resourceIds = ['i-2', 'i-1']
  const seen = (order: <T>(list: readonly T[]) => T[]): object => {
    const healthIssues = [{ code: 'NodeCreationFailure', message: '', resourceIds: order(resourceIds) }]
    const pass = aPass({ group: aGroup({ taints: order(taints), subnetIds: order(subnetIds), healthIssues }) })
    observe(pass)
    return pass.draft.status
  }
  const status = seen((list) => [...list])
  expect(status).toMatchObject({ observed: { subnetIds: ['subnet-1', 'subnet-2'] }, healthIssues: [{ resourceIds: ['i-1', 'i-2'] }] })
  expect(seen((list) => list.toReversed())).toEqual(status)
  expect(healthIssuesOf(aGroup())).toEqual([])
})
