import { describe, expect } from 'vitest'
import { marksOf } from '../../../src/drain/mark.ts'
import { eventually } from '../../support/eventually.ts'
import { Workload } from '../../support/workload.ts'
import { slowTest as test } from '../../support/world.ts'
import { withNodes } from './sized.ts'

const { signal } = new AbortController()

/** What is taken back has half a minute of the operator's time. */
describe.concurrent('Retain in the middle of a deletion', () => {
  test('P2: Retain in the middle takes our marks off the nodes, and the group stays', async ({ place }) => {
    place.leaves()
    const { group, nodes } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 2 })
    const lift = await new Workload(place.client, place.namespace).guardAll(nodes)
    await group.deleteConfirmed()
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    await eventually(async () => {
      const marked = (await place.nodesOf(place.inEks())).filter((node) => marksOf(node).length > 0)
      expect(marked).toHaveLength(2)
    })
    await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })
    await group.gone()
    await eventually(async () => {
      const after = await place.nodesOf(place.inEks())
      expect(after).toHaveLength(2)
      expect(after.flatMap(marksOf)).toEqual([])
      expect(after.filter(({ metadata: { labels } }) => labels?.['node.kubernetes.io/exclude-from-external-load-balancers'] !== undefined)).toEqual([])
    })
    // On a busy machine EKS may take longer than the object waits: then the taint that it was asked to take off is named.
    const left =
      /stays in AWS\. Left behind: (taint \S+ of the node group and its nodes \(EKS was asked [^)]*\); )?minSize and maxSize as they are now, they were 0\/5$/
    expect((await place.events(group, 'Released'))[0]).toMatch(left)
    await eventually(async () => {
      const inEks = await place.cloud.console.nodeGroups.describe('demo', place.inEks(), { signal })
      expect(inEks?.taints).toEqual([])
    })
    await lift()
  })

  test('Retain is honoured at once also while AWS does not answer, and what is left behind is named', async ({ place }) => {
    place.leaves()
    const { group, nodes, uid } = await withNodes(place, { sizeOwner: 'Spec', desiredSize: 1 })
    const lift = await new Workload(place.client, place.namespace).runGuarded('guarded', nodes[0])
    await group.deleteConfirmed()
    await group.condition('Reconciling', { reason: 'DrainBlocked' })
    const heal = await place.cloud.groupFault(place.inEks(), { effect: 'Error', code: 'ServerException', status: 500, message: 'internal failure' })
    await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })
    await group.gone()
    await heal()
    const left = `Left behind: taint tidegate.io/leaving=${uid} of the node group and its nodes`
    expect(await place.events(group, 'Released')).toContainEqual(expect.stringContaining(left))
    expect((await place.nodesOf(place.inEks())).flatMap(marksOf)).toEqual([])
    await lift()
  })
})
