import type { EksNodeGroup } from '../../src/crds/eks-node-group.ts'
import type { Node } from '../../src/kube/objects.ts'
import type { Subject } from './subject.ts'
import type { Stage } from './world.ts'

/** UID of the order that tests speak for. */
export const orderUid = '6d0c7a1e-0000-4000-8000-000000000001'

/** The one write by which an order says what it wants: the number together with the nodes that must leave. */
export async function order(
  { asOperator }: Pick<Stage, 'asOperator'>,
  group: Subject<EksNodeGroup>,
  { desiredSize, removals: nodes }: { readonly desiredSize: number; readonly removals: readonly Node[] },
): Promise<void> {
  const { metadata } = await group.read()
  const removals = nodes.map(({ metadata: { uid, name }, spec: { providerID } }) => ({ nodeUID: uid, nodeName: name, providerID, orderUID: orderUid }))
  const spec = { scaling: { desiredSize, removals } }
  const body = { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata: { ...group.key, uid: metadata.uid }, spec }
  await asOperator.apply(group.resource, group.key, body, { fieldManager: 'tidegate-orders', force: true, signal: new AbortController().signal })
}

/** The EC2 instance of a Node. */
export function instanceOf({ spec }: Node): string {
  return spec.providerID?.split('/').at(-1) ?? ''
}
