import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass } from '../test-pass.ts'
import { originOf } from '../ownership.ts'
import type { Pass } from '../pass.ts'
import { provisioned } from '../reports/provisioned.ts'
import { forgetFormerGroup } from '../recall-origin.ts'
import { adopt } from './adopt.ts'
import { create } from './create.ts'

const tags = aGroup().tags
const uid = (digit: number): string => `8b6c1f0e-0000-4000-8000-00000000000${digit}`

test('P2: under which UIDs the group was had before is stored before its tags change, the last five of them', async () => {
  const before = [1, 2, 3, 4, 5].map(uid)
  const ownership = { origin: 'Created', since: '2026-01-01T00:00:00Z', formerUIDs: before } as const
  const restored = aPass({
    group: aGroup({ tags: { ...tags, 'tidegate.io/owner': uid(6) } }),
    status: { ownership: structuredClone({ ...ownership, formerUIDs: [...before] }) },
  })
  expect(await adopt(restored)).toEqual({ kind: 'checkpoint' })
  expect(restored.draft.status.ownership).toMatchObject({ formerUIDs: [2, 3, 4, 5, 6].map(uid) })
})

test('a tag that holds no UID, or that of an object that lives, names no former owner', async () => {
  for (const [owner, living] of [
    ['anything', undefined],
    [uid(1), 'EksNodeGroup training/others'],
  ] as const) {
    const pass = aPass({ group: aGroup({ tags: { ...tags, 'tidegate.io/owner': owner } }) })
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await adopt({ ...pass, surroundings: { ...pass.surroundings, livingOwner: () => living } })
    expect(pass.draft.status.ownership).toEqual({ origin: 'Adopted', since: '2026-11-21T06:00:00Z' })
  }
})

test.each([
  [
    'P6: of another object, which made it, is found: the tag says so too, or a later life of this object would delete it as its own',
    'training/others',
    'Adopted',
  ],
  ['that an earlier life of the same object made is made', 'training/workers', 'Created'],
])('a group %s', async (_, object, origin) => {
  const group = aGroup({ tags: { ...tags, 'tidegate.io/owner': uid(1), 'tidegate.io/object': object, 'tidegate.io/origin': 'Created' } })
  const given = { group, object: { annotations: { 'tidegate.io/take-over': uid(1) } } }
  const intended = aPass(given)
  expect(await adopt(intended)).toEqual({ kind: 'checkpoint' })
  expect(intended.draft.status.ownership).toMatchObject({ origin })
  const written: Record<string, string>[] = []
  const nodeGroups = { tag: async (_arn: string, some: Record<string, string>) => void written.push(some) }
  await adopt(aPass({ ...given, status: intended.draft.status, nodeGroups }))
  const mark = { uid: intended.draft.object.metadata.uid, object: 'training/workers', cluster: 'mc' }
  expect(originOf({ ...group.tags, ...written[0] }, mark)).toBe(origin)
})

test.each<[string, (pass: Pass) => unknown]>([
  ['in one look', forgetFormerGroup],
  ['before its creation is asked for again', (pass) => create({ ...pass, seen: { ...pass.seen, group: undefined } })],
])('P6: a group that somebody made in the place of ours, %s, is a found one', async (_, before) => {
  const group = aGroup({ arn: 'arn:theirs', tags: { ManagedBy: 'terraform' } })
  const status: EksNodeGroupStatus = { arn: 'arn:ours', ownership: { origin: 'Created', since: '2026-01-01T00:00:00Z' } }
  const pass = aPass({ spec: { policy: { management: 'Manage', adoption: 'AdoptOrCreate' } }, group, status })
  await before(pass)
  await adopt(pass)
  expect(pass.draft.status.ownership).toEqual({ origin: 'Adopted', since: '2026-11-21T06:00:00Z', managedElsewhere: 'Terraform' })
})

test('B7: an update of the group that was is none of the group that somebody made in its place', () => {
  const update = { hash: 'h', state: 'Running' } as const
  const pass = aPass({ group: aGroup({ arn: 'arn:theirs' }), status: { arn: 'arn:ours', update } })
  expect(forgetFormerGroup(pass)).toBe(true)
  expect(pass.draft.status.update).toBeUndefined()
})

test('a group of ours from which somebody took our tags is ours again as it was', async () => {
  const group = aGroup({ tags: {} })
  const status: EksNodeGroupStatus = { arn: group.arn, ownership: { origin: 'Created', since: '2026-01-01T00:00:00Z' } }
  const pass = aPass({ spec: { policy: { management: 'Manage', adoption: 'AdoptOrCreate' } }, group, status })
  provisioned(pass)
  await adopt(pass)
  expect(pass.draft.status.ownership).toMatchObject({ origin: 'Created' })
})

async function refuses(): Promise<never> {
  throw new AwsError('AccessDenied', { action: 'eks:TagResource', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
}

test('B7: our tags are put back beside an update that EKS runs, whose intent stays', async () => {
  const operation = { kind: 'UpdateVersion', paramsHash: 'p', token: 't', attempt: 1, startedAt: '2026-11-21T05:00:00Z', updateId: 'u' } as const
  const status: EksNodeGroupStatus = { ownership: { origin: 'Adopted', since: '2026-01-01T00:00:00Z' }, operation }
  const written: string[] = []
  const tag = async (arn: string): Promise<void> => void written.push(arn)
  const given = {
    spec: { policy: { management: 'Manage', adoption: 'AdoptOrCreate' } },
    group: aGroup({ state: 'Updating', tags: { ManagedBy: 'terraform' } }),
    status,
  } as const
  const pass = aPass({ ...given, nodeGroups: { tag } })
  expect(await adopt(pass)).toEqual({ kind: 'requeueAfter', ms: 1_000 })
  expect(written).toEqual(['arn:workers'])
  expect(pass.draft.status.operation).toEqual(operation)
  const refused = aPass({ ...given, nodeGroups: { tag: refuses } })
  await expect(adopt(refused)).rejects.toThrow('no')
  expect(refused.draft.status.operation).toEqual(operation)
})
