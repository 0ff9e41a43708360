import type { KubeClient } from '../../src/kube/client.ts'
import { resources } from '../../src/kube/resource.ts'
import { systemClock } from '../../src/lib/clock.ts'

const { signal } = new AbortController()
const key = { namespace: 'kube-system', name: 'cluster-autoscaler-status' }
const aDay = 24 * 60 * 60_000

/**
 * Says which Auto Scaling groups a Cluster Autoscaler moves, as 1.30 and later write it: a day ahead of time, since the operator's clock runs ahead of ours.
 * What comes back takes it away.
 */
export async function autoscalerWrites(client: KubeClient, groups: readonly string[]): Promise<() => Promise<void>> {
  const at = new Date(systemClock.now().getTime() + aDay)
  const time = `${at.toISOString().replace('T', ' ').replace('Z', '000000')} +0000 UTC`
  const status = ['autoscalerStatus: Running', 'nodeGroups:', ...groups.map((name) => `- name: ${name}\n  health:\n    status: Healthy`)].join('\n')
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...key, annotations: { 'cluster-autoscaler.kubernetes.io/last-updated': time } },
    data: { status: `time: "${time}"\n${status}\n` },
  }
  await client.apply(resources.configMaps, key, body, { fieldManager: 'autoscaler', force: true, signal })
  return async () => {
    await client.delete(resources.configMaps, key, { signal })
  }
}
