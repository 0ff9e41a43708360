import { expect, test } from 'vitest'
import type { NodeGroupTaint } from '../../../aws/eks/port.ts'
import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass } from '../a-pass.ts'
import { groupTaint, taintLateNodes } from './group-taint.ts'

test('the taint of a group that is deleted is told in an Event when it is asked for, and in the history when it shows', async () => {
  const told: string[] = []
  let status: EksNodeGroup['status'] = {}
  const pass = async (taints: readonly NodeGroupTaint[]): Promise<unknown> => {
    const one = aPass({
      status,
      group: aGroup({ taints }),
      nodeGroups: { updateConfig: async () => 'update' },
      event: ({ reason, action, note }) => void told.push(`${reason} ${action} ${note}`),
    })
    const result = await taintLateNodes(one)
    status = one.draft.status
    return result
  }
  expect(await pass([])).toEqual({ kind: 'checkpoint' })
  expect(told).toEqual([])
  await pass([])
  expect(told).toEqual([expect.stringMatching(/^RemovingNodes UpdateConfig the node group gets taint \S+=\S*u1, so that/)])
  expect(await pass([groupTaint(aPass())])).toBeUndefined()
  expect(status?.history).toMatchObject([{ operation: 'UpdateConfig', outcome: 'Succeeded' }])
  expect(told).toHaveLength(1)
})
