import { expect } from 'vitest'
import { loadBalancerLabel, marksOf } from '../../../src/drain/mark.ts'
import { allowedLabel, anEksNodeGroup, aTargetCluster } from '../../support/builders.ts'
import { Workload } from '../../support/workload.ts'
import { test } from '../../support/world.ts'
import { scaleTo, withNodes } from './sized.ts'

const [[label, value]] = Object.entries(allowedLabel) as [[string, string]]

// The target's one place, which all groups of the file would share.
test('P2: a namespace that is let in no more in the middle of a drain gives its node and the place back, and goes on when it is again', async ({ place }) => {
  const scaling = { sizeOwner: 'Spec', desiredSize: 2 } as const
  const { group, nodes, uid } = await withNodes(place, scaling)
  const other = `${place.namespace}-other`
  await place.openNamespace(other)
  const tenant = place.group(other, 'tenant')
  const spec = anEksNodeGroup({ nodeGroupName: place.inEks('tenant'), scaling: { sizeOwner: 'Spec', desiredSize: 1 } })
  await tenant.apply(spec)
  await tenant.ready()
  const lift = await new Workload(place.client, place.namespace).guardAll(nodes)
  await new Workload(place.client, other).run('web', (await place.nodesOf(place.inEks('tenant')))[0] as never)
  await place.target('demo').apply(aTargetCluster({ budget: { maxConcurrentDrains: 1 } }))
  try {
    await place.target('demo').ready()
    await scaleTo(place, 1)
    await group.condition('InSync', { status: 'False', reason: 'DrainBlocked', says: ['guarded'] })
    await tenant.apply({ ...spec, scaling: { ...spec.scaling, desiredSize: 0 } })
    await tenant.condition('InSync', { status: 'False', says: ['budget.maxConcurrentDrains allows'] })
    const [removal] = (await group.read()).status?.removals ?? []

    await place.kubectl('label', 'namespace', place.namespace, `${label}-`)
    const says = [`namespace ${place.namespace}`, `What was leaving has been given back: ${removal?.nodeName}`]
    await group.condition('Stalled', { status: 'True', reason: 'NotAllowedInNamespace', says })
    await group.condition('InSync', { status: 'False', reason: 'RemovalRefused', says })
    const after = await place.nodesOf(place.inEks())
    expect(after.flatMap((node) => marksOf(node))).toEqual([])
    expect(after.map(({ metadata }) => metadata.labels?.[loadBalancerLabel])).toEqual([undefined, undefined])
    expect(await place.events(group, 'NodeGivenBack')).toEqual([expect.stringContaining(`${removal?.nodeName} stays`)])
    await tenant.ready()
    expect(await place.nodesOf(place.inEks('tenant'))).toEqual([])
    expect(await place.nodesOf(place.inEks())).toHaveLength(2)

    await place.kubectl('label', 'namespace', place.namespace, `${label}=${value}`)
    await group.until(({ status }) => expect(status?.removals).toMatchObject([{ state: 'Draining', message: expect.stringContaining('guarded') }]))
    expect((await place.nodesOf(place.inEks())).flatMap((node) => marksOf(node))).toEqual([{ kind: 'leaving', uid }])
    await lift()
    await group.ready()
    expect(await place.nodesOf(place.inEks())).toHaveLength(1)
  } finally {
    await place.kubectl('label', '--overwrite', 'namespace', place.namespace, `${label}=${value}`)
    await place.target('demo').apply(aTargetCluster())
    await tenant.end()
  }
})
