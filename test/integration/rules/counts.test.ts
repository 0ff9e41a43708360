import { describe, expect } from 'vitest'
import { anEksNodeGroup } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { type Place, test } from '../../support/world.ts'

const { signal } = new AbortController()

async function numbersSent(place: Place): Promise<readonly unknown[]> {
  return (await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })).map(({ input }) => input['scalingConfig'])
}

describe('the Auto Scaling group is the authority', () => {
  test('B1: a group that another service operates is not touched, says by whom, and goes on once it is released', async ({ place }) => {
    const group = await place.have({ scaling: { sizeOwner: 'Spec', desiredSize: 1 } })
    await group.ready()
    const lock = { order: 'LockScalingGroup', cluster: 'demo', nodegroup: place.inEks() }
    await place.cloud.happen({ ...lock, operator: 'ecs.amazonaws.com' })
    const before = (await place.cloud.calls(place.inEks(), { access: 'write' })).length
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { sizeOwner: 'Spec', desiredSize: 2 } }))
    await group.condition('Stalled', { status: 'True', reason: 'GroupLockedByOperator', says: ['ecs.amazonaws.com', 'release it there'] })
    expect(await place.cloud.calls(place.inEks(), { access: 'write' })).toHaveLength(before)
    await place.cloud.happen({ ...lock, operator: null })
    await group.annotate({ retry: 'released' })
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
    await group.ready()
  })

  test('B1: its numbers are shown and decided on while DescribeNodegroup still tells older ones', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 5, sizeOwner: 'External' } })
    await group.ready()
    await place.cloud.clock({ pause: true }) // EKS goes on telling what it knew
    try {
      await place.cloud.happen({ order: 'SetCapacity', cluster: 'demo', nodegroup: place.inEks(), desiredSize: 3 })
      await group.until(({ status }) => expect(status?.scaling).toMatchObject({ desiredSize: 3, minSize: 0, maxSize: 5 }))
      expect((await place.cloud.console.nodeGroups.describe('demo', place.inEks(), { signal }))?.scaling.desiredSize).toBe(0)
      await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 2, sizeOwner: 'External' } }))
      await eventually(async () => expect(await numbersSent(place)).toEqual([{ minSize: 2 }])) // from 0 it would ask for 2 nodes
    } finally {
      await place.cloud.clock({ resume: true })
    }
    await group.until(({ status }) => expect(status).toMatchObject({ nodes: { summary: '3/3' }, scaling: { minSize: 2, desiredSize: 3 } }))
    await group.ready()
    expect(await numbersSent(place)).toEqual([{ minSize: 2 }])
  })
})

test('A4: nothing is replaced whole: settings that the spec does not speak of, and tags of others, stay beside a change of ours', async ({ place }) => {
  const group = await place.have({ tags: { cost: '1' } })
  const { status } = await group.ready()
  const { nodeGroups } = place.cloud.console
  const foreign = {
    labels: { set: { 'example.com/by': 'hand' }, remove: [] },
    taints: { set: [{ key: 'example.com/hold', effect: 'NoExecute' }], remove: [] },
  } as const
  await nodeGroups.updateConfig('demo', place.inEks(), foreign, { token: place.inEks(), signal })
  await nodeGroups.tag(status?.arn ?? '', { 'example.com/by': 'hand' }, { signal })
  await group.until(async () => expect((await nodeGroups.describe('demo', place.inEks(), { signal }))?.state).toBe('Active'))
  await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), update: { maxUnavailable: 2 }, tags: { cost: '2' } }))
  await group.until(async () => {
    const seen = await nodeGroups.describe('demo', place.inEks(), { signal })
    expect(seen).toMatchObject({ update: { maxUnavailable: 2 }, labels: { 'example.com/by': 'hand' }, tags: { cost: '2', 'example.com/by': 'hand' } })
    expect(seen?.taints).toEqual([{ key: 'example.com/hold', effect: 'NoExecute' }])
  })
  await group.ready()
})
