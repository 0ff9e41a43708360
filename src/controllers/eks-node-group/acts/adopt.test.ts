import { expect, test } from 'vitest'
import { aGroup, aPass } from '../a-pass.ts'
import { adopt } from './adopt.ts'

const tags = aGroup().tags
const asked = { kind: 'Create', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:50:00Z' } as const

test.each([
  ['was found', {}, 'Adopted'],
  ['was made', { 'tidegate.io/origin': 'Created' }, 'Created'],
])('a lost status does not change how a group came to us: it %s', async (_, more, origin) => {
  const pass = aPass({ group: aGroup({ tags: { ...tags, ...more } }) })
  expect(await adopt(pass)).toBeUndefined()
  expect(pass.draft.status.ownership).toEqual({ origin, since: '2026-11-21T06:00:00Z' })
})

test('what is known stays, and a creation under way is none of this', async () => {
  const known = aPass({ group: aGroup(), status: { ownership: { origin: 'Created', since: '2026-01-01T00:00:00Z' } } })
  await adopt(known)
  expect(known.draft.status.ownership).toEqual({ origin: 'Created', since: '2026-01-01T00:00:00Z' })
  const making = aPass({ group: aGroup(), status: { operation: asked } })
  await adopt(making)
  expect(making.draft.status.ownership).toBeUndefined()
})
