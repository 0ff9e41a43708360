import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { loadBalancerLabel, marksOf } from '../../../src/drain/mark.ts'
import { eventually } from '../../support/eventually.ts'
import type { Subject } from '../../support/subject.ts'
import type { Place } from '../../support/world.ts'

/** UIDs of the Nodes of the test's group. */
export async function uidsOf(place: Place): Promise<readonly string[]> {
  return (await place.nodesOf(place.inEks())).map(({ metadata }) => metadata.uid).toSorted()
}

/** As a person does it. */
export async function scale(place: Place, replicas: number): Promise<void> {
  await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, `--replicas=${replicas}`)
}

/** As many as wanted, in AWS and in Kubernetes, and nothing of ours left on them. */
export async function expectHealed(place: Place, group: Subject<EksNodeGroup>, nodes: number): Promise<void> {
  await group.until(({ status }) => expect(status?.removals).toBeUndefined())
  await group.ready()
  // what AWS ended by itself takes its time
  const left = await eventually(async () => {
    const { scaling } = await place.cloud.needGroup(place.inEks())
    expect(scaling).toMatchObject({ desiredSize: nodes })
    expect(scaling?.instanceIds).toHaveLength(nodes)
    const found = await place.nodesOf(place.inEks())
    expect(found).toHaveLength(nodes)
    return found
  })
  expect(left.flatMap(marksOf)).toEqual([])
  expect(left.filter(({ metadata }) => metadata.labels?.[loadBalancerLabel] !== undefined)).toEqual([])
}
