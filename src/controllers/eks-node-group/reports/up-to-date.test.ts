import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { upToDate } from './up-to-date.ts'

const time = '2026-11-21T05:50:00Z'

/** Two passes, one after the other, over a group that lacks a version; what Events say. */
function told(given: Pick<NonNullable<Parameters<typeof aPass>[0]>, 'spec' | 'status'> = {}): readonly string[] {
  const notes: string[] = []
  const annotations = { 'tidegate.io/approve-update': '4' }
  const look = (conditions: NonNullable<NonNullable<typeof given.status>['conditions']>): ReturnType<typeof aPass> => {
    const pass = aPass({
      ...given,
      object: { generation: 5, annotations },
      spec: { version: '1.36', ...given.spec },
      group: aGroup({ version: '1.35' }),
      scalingGroup: aScalingGroup(),
      event: ({ reason, note }) => void notes.push(`${reason}: ${note}`),
    })
    const seen = { ...pass, draft: { ...pass.draft, object: { ...pass.draft.object, status: { conditions } } } }
    upToDate(seen)
    return seen
  }
  const { status, reason, message } = look([]).draft.conditions.get('UpToDate')
  look([{ type: 'UpToDate', status, reason, message, lastTransitionTime: time, observedGeneration: 5 }])
  return notes
}

const stale = ['ApprovalUnclear: tidegate.io/approve-update approves generation 4, and the object is at 5']

test.each([
  ['waits for consent', {}, stale],
  ['waits until nodes are Ready', { spec: { update: { approval: 'Automatic', force: false } } }, stale],
  ['is not wanted', { spec: { version: '1.35' } }, []],
] as const)('a consent to another generation is told once where the update %s', (_, given, notes) => {
  expect(told(given as Parameters<typeof told>[0])).toEqual(notes)
})

test.each([
  ['1.37', 'version 1.36 → 1.37: waits, since EKS takes no node group beyond the version of its cluster, which has 1.36: update the cluster to 1.37 first'],
  ['1.35', 'version 1.36 → 1.35: waits, since EKS brings no node group back to an older version, and this one has 1.36: set spec.version to 1.36'],
])('B7: nobody is asked to agree to version %s, which EKS would refuse', (version, words) => {
  const wished = { hash: 'another', state: 'WaitingForApproval' } as const
  const pass = (clusterVersion: string): ReturnType<typeof aPass> =>
    aPass({ spec: { version }, status: { update: wished }, group: aGroup({ version: '1.36' }), scalingGroup: aScalingGroup(), clusterVersion })
  const barred = pass('1.36')
  upToDate(barred)
  expect(barred.draft.conditions.get('UpToDate')).toMatchObject({ status: 'False', reason: 'UpdateBarred', message: expect.stringContaining(words) })
  expect(barred.draft.conditions.get('UpToDate').message).not.toContain('annotate')
  expect(barred.draft.status.update).toBeUndefined()
  const updated = pass('1.37')
  upToDate(updated)
  expect(updated.draft.conditions.get('UpToDate').reason).toBe(version === '1.37' ? 'WaitingForApproval' : 'UpdateBarred')
})
