import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import type { Pass, Report } from '../pass.ts'
import { observe } from '../observe.ts'
import { aGroup, aPass } from '../test-pass.ts'
import { healthy } from './healthy.ts'
import { inSync } from './in-sync.ts'
import { nodesReady } from './nodes-ready.ts'
import { upToDate } from './up-to-date.ts'
import { withinLimits } from './within-limits.ts'
import { zonesEven } from './zones-even.ts'

/** What the last pass over a group left that stood. */
const status: EksNodeGroupStatus = {
  arn: 'arn:workers',
  drift: [{ field: 'labels', desired: '{}', actual: '{"a":"b"}', remedy: 'none is needed' }],
  healthIssues: [{ code: 'AccessDenied', message: 'no' }],
  scaling: { minSize: 1, maxSize: 10, desiredSize: 3, desiredSizeOwner: 'Orders' },
}
/** Each, and what the others have to take away. */
const reports: Readonly<Record<string, [report: Report, kept: readonly string[]]>> = {
  NodesReady: [nodesReady, ['drift', 'healthIssues', 'scaling']],
  Healthy: [healthy, ['drift', 'scaling']],
  ZonesEven: [zonesEven, ['drift', 'healthIssues', 'scaling']],
  WithinLimits: [withinLimits, ['drift', 'healthIssues']],
  InSync: [inSync, ['healthIssues', 'scaling']],
  UpToDate: [upToDate, ['drift', 'healthIssues', 'scaling']],
}

/** A pass over an object of which the last one said that all is well. */
function passOver(group?: NodeGroup): Pass {
  const pass = aPass({ status, group })
  for (const type of Object.keys(reports)) pass.draft.conditions.setTrue(type, 'AsItWas')
  return pass
}

test.each(Object.entries(reports))('%s says nothing of a group that is gone', (type, [report, kept]) => {
  const pass = passOver()
  report(pass)
  expect(pass.draft.conditions.get(type)).toEqual({ status: 'Unknown', reason: 'Pending', message: 'there is no node group to look at' })
  expect(Object.keys(pass.draft.status).toSorted()).toEqual(['arn', ...kept])
})

test('of a group that EKS only begins to make no size is said', () => {
  const pass = passOver(aGroup({ state: 'Creating', autoScalingGroups: [] }))
  withinLimits(pass)
  expect(pass.draft.conditions.get('WithinLimits')).toEqual({ status: 'Unknown', reason: 'Pending', message: 'not looked at yet' })
  expect(pass.draft.status).not.toHaveProperty('scaling')
})

test('while an Auto Scaling group does not show, its sizes are those that were seen', () => {
  const pass = passOver(aGroup())
  withinLimits(pass)
  expect(pass.draft.conditions.get('WithinLimits')).toMatchObject({ status: 'True', reason: 'AsItWas' })
  expect(pass.draft.status.scaling).toEqual(status.scaling)
})

test('of a group that is only observed and gone no size and no health issue is left', () => {
  const pass = passOver()
  observe(pass)
  expect(pass.draft.conditions.get('Healthy').reason).toBe('Pending')
  expect(Object.keys(pass.draft.status)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(scaling|healthIssues)$/)]))
})
