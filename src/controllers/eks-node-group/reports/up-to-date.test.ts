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
