import { expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { type GroupSpec, anEksNodeGroup } from '../../support/builders.ts'
import type { Subject } from '../../support/subject.ts'
import type { Place } from '../../support/world.ts'

interface NodesOf {
  readonly 1: readonly [Node]
  readonly 2: readonly [Node, Node]
  readonly 3: readonly [Node, Node, Node]
  readonly 4: readonly [Node, Node, Node, Node]
}

/** The group of a place with so many nodes that it is Ready with, and its UID. `more`: of its spec. */
export async function withNodes<Size extends keyof NodesOf>(
  place: Place,
  scaling: NonNullable<GroupSpec['scaling']> & { readonly desiredSize: Size },
  more: GroupSpec = {},
): Promise<{ readonly group: Subject<EksNodeGroup>; readonly nodes: NodesOf[Size]; readonly uid: string }> {
  const group = await place.have({ ...more, scaling })
  const { metadata } = await group.ready()
  const nodes = await place.nodesOf(place.inEks())
  expect(nodes).toHaveLength(scaling.desiredSize)
  return { group, nodes: nodes as unknown as NodesOf[Size], uid: metadata.uid }
}

/** Writes another number into the spec of a place's group, as Git does: `more` must be there again. */
export async function scaleTo(place: Place, desiredSize: number, more: GroupSpec = {}): Promise<void> {
  const spec = anEksNodeGroup({ nodeGroupName: place.inEks(), ...more, scaling: { sizeOwner: 'Spec', desiredSize } })
  await place.group(place.namespace, 'workers').apply(spec)
}
