import { expect, test } from 'vitest'
import type { EksNodeGroupOperation as Operation } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { closeSizes } from '../deletion/close-sizes.ts'
import { settle } from './settle.ts'
import { followVersion } from './update-version.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const operation = { paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:00Z' } as const
const update = { hash: 'h', state: 'Running', generation: 3 } as const

/** What was told of an operation that this pass ended, and how it stands in the history. */
async function ended(
  act: typeof settle,
  given: Given,
  under: Partial<Operation> & Pick<Operation, 'kind'>,
): Promise<{ told: string[]; outcomes: unknown; left: unknown }> {
  const told: string[] = []
  const status = { ...given.status, operation: { ...operation, ...under } }
  const pass = aPass({ scalingGroup: aScalingGroup(), ...given, status, event: ({ note }) => void told.push(note) })
  // Written down by this process, which has sent nothing.
  pass.calls.made(operation.token, new Date(operation.startedAt))
  expect(await act(pass)).toBeUndefined()
  return { told, outcomes: pass.draft.status.history?.map(({ outcome }) => outcome), left: pass.draft.status.operation }
}

const asked = { kind: 'UpdateVersion', from: 'version 1.35', to: 'version 1.36' } as const
const done = { told: ['EKS has updated workers: version 1.36'], outcomes: ['Succeeded'], left: undefined }
const overtaken = { told: [], outcomes: ['Superseded'], left: undefined }

const updates: Record<string, [wanted: string, shown: string, typeof done | typeof overtaken]> = {
  'the spec went back before EKS was asked': ['1.35', '1.35', overtaken],
  'somebody brought the group to what the spec names by now': ['1.37', '1.37', overtaken],
  'what was asked for shows': ['1.36', '1.36', done],
}
test.each(Object.entries(updates))('P8: an update is told as done only where it shows: %s', async (_, [wanted, shown, end]) => {
  const given = { object: { generation: 4 }, spec: { version: wanted }, group: aGroup({ version: shown }), status: { update } }
  expect(await ended(followVersion, given, asked)).toEqual(end)
})

test('P8: an update of which a part shows is not told as done', async () => {
  const given = { object: { generation: 4 }, spec: { version: '1.36' }, group: aGroup({ version: '1.36', releaseVersion: 'a' }), status: { update } }
  expect(await ended(followVersion, given, { ...asked, to: 'version 1.36, releaseVersion b' })).toEqual(overtaken)
})

test('P8: an update that EKS called done before another was wanted is told as done', async () => {
  const nodeGroups = { describeUpdate: async () => ({ id: 'u', state: 'Successful' as const, errors: [] }) }
  const given = { object: { generation: 4 }, spec: { version: '1.37' }, group: aGroup({ version: '1.36' }), status: { update }, nodeGroups }
  expect(await ended(followVersion, given, { ...asked, updateId: 'u' })).toEqual(done)
})

test('P8: an update of somebody else is not told as the one whose answer was lost', async () => {
  const theirs = { id: 'theirs', type: 'VersionUpdate', state: 'Successful', createdAt: '2026-11-21T05:59:30Z', errors: [] } as const
  const nodeGroups = { listUpdates: async () => ['theirs'], describeUpdate: async () => theirs }
  const given = { object: { generation: 4 }, spec: { version: '1.37' }, status: { update }, nodeGroups }
  const end = async (version: string): Promise<unknown> => await ended(followVersion, { ...given, group: aGroup({ version }) }, { ...asked, token: 'lost' })
  expect([await end('1.35'), await end('1.36')]).toEqual([overtaken, done])
})

const shown = ['workers has minSize 1, desiredSize 1, maxSize 10 in AWS']
const sizes: Record<string, [from: string, to: string, { told: string[]; outcome: string }]> = {
  'a number that the spec gave up before EKS was asked': ['1/1/10', '1/5/10', { told: [], outcome: 'Superseded' }],
  'of two, one shows': ['0/1/10', '1/5/10', { told: [], outcome: 'Superseded' }],
  'bounds that show, while the number moves by another hand': ['0/4/10', '1/4/10', { told: shown, outcome: 'Succeeded' }],
  'all that was asked for shows': ['0/0/10', '1/1/10', { told: shown, outcome: 'Succeeded' }],
}
test.each(Object.entries(sizes))('P8: sizes are told as done only where they show: %s', async (_, [from, to, { told, outcome }]) => {
  const spec = { scaling: { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } } as const
  const end = await ended(settle, { spec, group: aGroup() }, { kind: 'UpdateScaling', from, to })
  expect(end).toEqual({ told, outcomes: [outcome], left: undefined })
})

test('P8: sizes of the spec that a deletion overtook are not told as done', async () => {
  const given = { group: aGroup(), scalingGroup: aScalingGroup({ minSize: 0, maxSize: 1 }) }
  expect(await ended(closeSizes, given, { kind: 'UpdateScaling', from: '0/1/1', to: '0/5/1' })).toEqual(overtaken)
  expect((await ended(closeSizes, given, { kind: 'UpdateScaling', from: '1/1/10', to: '0/1/1' })).outcomes).toEqual(['Succeeded'])
})
