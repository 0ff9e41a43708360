import { type EksNodeGroup, eksNodeGroups } from '../../src/crds/eks-node-group.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { isKubeError } from '../../src/kube/kube-error.ts'
import type { Namespace } from '../../src/kube/objects.ts'
import { resources } from '../../src/kube/resource.ts'
import { eventually } from './eventually.ts'
import { Subject } from './subject.ts'

const { signal } = new AbortController()

/**
 * Ends a test's namespace as a person does who knows the product: every group is confirmed by its UID and deleted, its finalizer awaited, then the
 * namespace. Fails with the name and the conditions of whatever stays.
 */
export async function release(client: KubeClient, namespace: string): Promise<void> {
  const { items } = await client.list<EksNodeGroup>(eksNodeGroups, { namespace, signal })
  const groups = items.map(({ metadata }) => ({
    subject: new Subject<EksNodeGroup>(client, eksNodeGroups, { namespace, name: metadata.name }),
    uid: metadata.uid,
  }))
  for (const { subject, uid } of groups) {
    try {
      await subject.annotate({ 'confirm-deletion': uid })
      await subject.delete()
    } catch (error) {
      // It may be on its way out already: what is not found, or answers for no object with its UID, is what `gone` waits for.
      if (!isKubeError(error, 'NotFound') && !isKubeError(error, 'Conflict')) throw error
    }
  }
  for (const { subject } of groups) await subject.gone()
  try {
    await client.delete(resources.namespaces, { name: namespace }, { signal })
  } catch (error) {
    // a test may have deleted it itself
    if (!isKubeError(error, 'NotFound')) throw error
  }
  await eventually(async () => await assertGone(client, namespace), { timeoutMs: 60_000, everyMs: 200 })
}

async function assertGone(client: KubeClient, name: string): Promise<void> {
  try {
    const { status } = await client.get<Namespace & { readonly status?: unknown }>(resources.namespaces, { name }, { signal })
    throw new Error(`namespace ${name} is still there: ${JSON.stringify(status)}`)
  } catch (error) {
    if (!isKubeError(error, 'NotFound')) throw error
  }
}
