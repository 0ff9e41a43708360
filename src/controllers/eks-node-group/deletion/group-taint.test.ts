import { expect, test } from 'vitest'
import type { NodeGroupTaint } from '../../../aws/eks/port.ts'
import type { EksNodeGroup } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass } from '../test-pass.ts'
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

/** What `Reconciling` says in each pass at these seconds, while EKS takes each call for the taint and gives it up, until its taint shows after so many. */
async function failing(
  seconds: readonly number[],
  { shownAt = Infinity, before = {} }: { shownAt?: number; before?: EksNodeGroup['status'] } = {},
): Promise<{ readonly says: readonly string[]; readonly tokens: readonly string[] }> {
  const says: string[] = []
  const tokens: string[] = []
  let status = before
  for (const second of seconds) {
    const one = aPass({
      status,
      now: new Date(Date.parse('2026-11-21T06:00:00Z') + second * 1000),
      group: aGroup({ taints: second < shownAt ? [] : [groupTaint(aPass())] }),
      nodeGroups: {
        updateConfig: async (_cluster, _name, _change, { token }) => {
          tokens.push(token)
          return 'update'
        },
        describeUpdate: async () => ({ id: 'update', state: 'Failed', errors: [{ code: 'AccessDenied', message: 'the role of the nodes lacks a right' }] }),
      },
    })
    const pass = { ...one, surroundings: { ...one.surroundings, newToken: () => `nonce-${second}` } }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await taintLateNodes(pass)
    status = pass.draft.status
    const { reason = '', message = '' } = pass.draft.conditions.underWay ?? {}
    says.push(`${reason}: ${message}`)
  }
  return { says, tokens }
}

test('P8: a taint that EKS takes and then gives up holds the deletion, which says why and how it goes on, from the first failure on', async () => {
  const { says, tokens } = await failing([0, 1, 3, 20, 34, 36], { shownAt: 36 })
  const asked = 'RemovingNodes: the node group gets a taint, so that nodes which come late stay empty'
  expect(says.slice(0, 2)).toEqual([asked, asked])
  for (const said of says.slice(2, 5)) {
    expect(said).toMatch(/^RemovingNodes: EKS gave up .*Failed: AccessDenied: the role of the nodes lacks a right.*no node is drained/)
    expect(said).toContain('spec.policy.deletion to Retain')
    expect(said).toContain('kubectl annotate --overwrite eksnodegroup workers -n training tidegate.io/abandon=u1')
  }
  // The same words in each pass: others would be a write of the status each time.
  expect(new Set(says.slice(2, 5)).size).toBe(1)
  expect(says[5]).toBe(': ')
  expect(tokens).toEqual(['nonce-0', 'nonce-3'])
})

test('what EKS gave up before the deletion is not said of its taint', async () => {
  const before = { history: [{ time: '2026-11-21T05:00:00Z', operation: 'UpdateConfig', to: 'labels pool=workers', outcome: 'Failed: AccessDenied: no' }] }
  const { says } = await failing([0, 1], { before })
  expect(says.join()).not.toContain('gave up')
})
