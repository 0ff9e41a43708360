import { expect, test } from 'vitest'
import type { EksNodeGroup, EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { Holder } from '../../../runtime/freeze.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { askEks } from './ask-eks.ts'

const confirmed = { 'tidegate.io/confirm-deletion': 'u1' }

interface Given {
  /** What the API server says of the TargetCluster and the release namespace. */
  readonly holders?: readonly Holder[]
  /** The object's annotations as the API server has them. */
  readonly live?: Record<string, string>
  readonly pods?: readonly string[]
}

/** Passes of which the first stores the intent and the second may ask EKS; what each asked, in order. */
async function asking({ holders = [], live = confirmed, pods = [] }: Given) {
  let status: EksNodeGroupStatus = { arn: 'arn:workers' }
  const order: string[] = []
  const says: string[] = []
  let ms = 0
  for (let count = 0; count < 2; count += 1) {
    const one = aPass({
      object: { deletionTimestamp: '2026-11-21T06:00:00Z', annotations: confirmed },
      status,
      group: aGroup(),
      scalingGroup: aScalingGroup({ desiredCapacity: 0 }),
      nodes: {
        namesInGroup: async () => ['node-1'],
        podsInTheWay: async () => {
          order.push('pods')
          return pods
        },
      },
      nodeGroups: { delete: async () => void order.push('delete') },
    })
    const askObject = async (object: Frozen<EksNodeGroup>): Promise<Frozen<EksNodeGroup>> => {
      order.push('ask')
      return { ...object, metadata: { ...object.metadata, annotations: live } }
    }
    const pass = { ...one, surroundings: { ...one.surroundings, askObject, askHolders: async () => holders } }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const result = await askEks(pass)
    ms = result.kind === 'requeueAfter' ? result.ms : 0
    status = pass.draft.status
    const { reason = '', message = '' } = pass.draft.conditions.underWay ?? {}
    says.push(`${reason}: ${message}`)
  }
  return { order, says, ms }
}

test('P10: the API server is asked once whether the deletion may go on, after the look for pods and right before EKS is asked', async () => {
  expect((await asking({})).order).toEqual(['pods', 'pods', 'ask', 'delete'])
})

test('P7: while a pod is in the way nobody is asked', async () => {
  expect((await asking({ pods: ['team/web'] })).order).toEqual(['pods', 'pods'])
})

test('P10: a freeze that came since the pass began keeps EKS from being asked, and is said', async () => {
  const frozen = { what: 'TargetCluster demo', suspend: false, annotations: { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' } }
  const { order, says } = await asking({ holders: [frozen] })
  expect(order).toEqual(['pods', 'pods', 'ask'])
  expect(says.at(-1)).toMatch(/^Frozen: the deletion waits: TargetCluster demo is frozen until/)
})

test.each<[string, Record<string, string>]>([
  ['taken back', {}],
  ['given to another object', { 'tidegate.io/confirm-deletion': 'u2' }],
])('P10: a confirmation that was %s since the pass began keeps EKS from being asked', async (_, live) => {
  const { order, ms } = await asking({ live })
  expect(order).toEqual(['pods', 'pods', 'ask'])
  expect(ms).toBe(2_000)
})
