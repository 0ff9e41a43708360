import { expect, test } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { RawPod } from '../../kube/pod-summary.ts'
import { podsInTheWay } from './pods-in-the-way.ts'

const now = new Date('2026-11-21T06:00:00Z')
const before = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString()

function aPod(name: string, { metadata = {}, phase = 'Running' }: { readonly metadata?: Partial<RawPod['metadata']>; readonly phase?: string } = {}): RawPod {
  return { metadata: { namespace: 'team', name, uid: `uid-${name}`, resourceVersion: '1', ...metadata }, status: { phase } }
}

const leaving = aPod('leaving', { metadata: { deletionTimestamp: before(1) } })
const daemon = aPod('daemon', { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'd', controller: true }] } })
const mirror = aPod('mirror', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } })

/** Pages of one pod; `ready`: condition `Ready` of the node and how many minutes ago it became so; without it there is no such Node. */
async function inTheWay(pods: readonly RawPod[], ready?: readonly [status: string, sinceMinutes: number]) {
  const asked: string[] = []
  const client = {
    list: async (_: unknown, options: { readonly continue?: string }) => {
      const at = Number(options.continue ?? 0)
      asked.push('list')
      return { items: pods.slice(at, at + 1), metadata: { continue: at + 1 < pods.length ? String(at + 1) : '' } }
    },
    get: async () => {
      asked.push('get')
      if (ready === undefined) throw new KubeError(404, 'NotFound', 'no such node')
      const [status, since] = ready
      return { status: { conditions: [{ type: 'Ready', status, lastTransitionTime: before(since) }] } }
    },
  } as unknown as KubeClient
  return { pods: await podsInTheWay(client, 'node-1', { signal: new AbortController().signal, now }), asked }
}

test('pods of DaemonSets, mirror pods and finished ones are in nobody’s way; all pages count', async () => {
  const { pods, asked } = await inTheWay([daemon, aPod('web'), mirror, aPod('done', { phase: 'Succeeded' }), aPod('db')])
  expect(pods).toEqual(['team/web', 'team/db'])
  expect(asked).toEqual(Array.from({ length: 5 }, () => 'list'))
})

test.each<[string, readonly [string, number] | undefined, readonly string[]]>([
  ['that ends its pods', ['True', 60], ['team/leaving']],
  ['that nobody has heard of for a moment', ['Unknown', 1], ['team/leaving']],
  ['that nobody has heard of for long', ['Unknown', 6], []],
  ['that is not Ready for long, after the grace period', ['False', 6], []],
  ['whose Node is gone', undefined, ['team/leaving']],
])('a pod that is leaving, on a node %s', async (_, ready, expected) => {
  expect((await inTheWay([leaving], ready)).pods).toEqual(expected)
})

test('on a node that nobody hears of, a pod that nobody has asked to go is in the way', async () => {
  expect((await inTheWay([aPod('web'), leaving], ['Unknown', 60])).pods).toEqual(['team/web'])
})
