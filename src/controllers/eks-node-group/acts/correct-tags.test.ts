import { expect, test } from 'vitest'
import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass } from '../test-pass.ts'
import { correctTags } from './correct-tags.ts'

test('A6: tags that are corrected are told in an Event when they are sent, and in the history when they show', async () => {
  const told: string[] = []
  const done: string[] = []
  let status: EksNodeGroup['status'] = {}
  const pass = async (tags: Readonly<Record<string, string>>): Promise<unknown> => {
    const group = aGroup()
    const one = aPass({
      spec: { tags: { team: 'web' } },
      status,
      group: { ...group, tags: { ...group.tags, ...tags } },
      nodeGroups: { tag: async (_arn, set) => void done.push(JSON.stringify(set)) },
      event: ({ reason, action, note }) => void told.push(`${reason} ${action} ${note}`),
    })
    const result = await correctTags(one)
    status = one.draft.status
    return result
  }
  expect(await pass({})).toEqual({ kind: 'checkpoint' })
  expect([done, told]).toEqual([[], []])
  await pass({})
  expect(done).toEqual(['{"team":"web"}'])
  expect(told).toEqual(['Correcting Tag setting tags team=web'])
  expect(await pass({ team: 'web' })).toBeUndefined()
  expect(status?.history).toMatchObject([{ operation: 'Tag', to: 'tags team=web', outcome: 'Succeeded' }])
  expect(await pass({ team: 'web' })).toBeUndefined()
  expect(done).toHaveLength(1)
  expect(told.slice(1)).toEqual(['Corrected Tag workers has the tags of the spec in EKS'])
  expect(status?.history).toHaveLength(1)
})
