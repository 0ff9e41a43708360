import { expect, test, vi } from 'vitest'
import type { Node } from '../kube/objects.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { taintOf } from './mark.ts'
import { LastLook, reachOfNode } from './last-look.ts'
import { context, mark } from './test-service.ts'
import { TestCluster } from './test-cluster.ts'

const now = new Date('2026-11-21T06:00:00Z')

function silent(since: { readonly lastTransitionTime?: string | null }): Node {
  const status = { conditions: [{ type: 'Ready', status: 'Unknown', ...since }] }
  return { metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, spec: { taints: [taintOf(mark)] }, status }
}

test.each([
  ['no time', {}, 'Reachable'],
  ['the time that Go writes where there is none', { lastTransitionTime: null }, 'Reachable'],
  ['a time that is none', { lastTransitionTime: 'yesterday' }, 'Reachable'],
  ['the beginning of the hour', { lastTransitionTime: '2026-11-21T05:00:00Z' }, 'Unreachable'],
])('since when a kubelet is silent: since %s', (_, since, expected) => {
  expect(reachOfNode(silent(since), now)).toBe(expected)
})

test('a pod that shuts down is waited for on a node of which nobody says since when it is silent', async () => {
  const cluster = new TestCluster()
  cluster.addPod('a', { metadata: { deletionTimestamp: now.toISOString() } })
  const look = (node: Node) => {
    const options = { api: { ...cluster.api, node: async () => node }, clock: new FakeClock(now), ownNamespace: () => undefined, ownerOf: undefined }
    return new LastLook(options).look({ node: { name: 'n', uid: 'u' }, mark, claims: false, ignoreVolumes: false }, context)
  }
  expect((await look(silent({ lastTransitionTime: null }))).kind).toBe('pods')
  expect((await look(silent({ lastTransitionTime: '2026-11-21T05:00:00Z' }))).kind).toBe('empty')
})

test.each([
  ['i-1', 'empty'],
  ['i-2', 'changed'],
  ['1', 'changed'],
])('P1: a Node of the machine i-1 is looked at for the machine %s: %s', async (instanceId, expected) => {
  const cluster = new TestCluster()
  const spec = { providerID: 'aws:///us-west-2a/i-1', taints: [taintOf(mark)] }
  const node: Node = { metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, spec }
  const options = { api: { ...cluster.api, node: async () => node }, clock: new FakeClock(now), ownNamespace: () => undefined, ownerOf: undefined }
  const look = await new LastLook(options).look({ node: { name: 'n', uid: 'u', instanceId }, mark, claims: false, ignoreVolumes: false }, context)
  expect(look.kind).toBe(expected)
})

test('a list of attachments that was aborted with its caller says nothing to another, who begins one', async () => {
  const cluster = new TestCluster()
  const spec = { taints: [taintOf(mark)] }
  const node: Node = { metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, spec }
  let lists = 0
  const attachments = async ({ signal }: { readonly signal: AbortSignal }): Promise<[]> => {
    lists += 1
    return await new Promise((resolve, reject) => {
      // oxlint-disable-next-line prefer-promise-reject-errors -- the abort's own reason
      signal.addEventListener('abort', () => reject(signal.reason))
      if (lists > 1) resolve([])
    })
  }
  const api = { ...cluster.api, node: async () => node, attachments }
  const lastLook = new LastLook({ api, clock: new FakeClock(now), ownNamespace: () => undefined, ownerOf: undefined })
  const frozen = new AbortController()
  const look = async (signal: AbortSignal) =>
    await lastLook.look({ node: { name: 'n', uid: 'u' }, mark, claims: true, ignoreVolumes: false }, { ...context, signal }).then(
      ({ kind }) => kind,
      (error: unknown) => String(error),
    )
  const looks = [look(frozen.signal), look(context.signal), look(context.signal)]
  await vi.waitFor(() => expect(lists).toBe(1))
  frozen.abort('frozen')
  expect(await Promise.all(looks)).toEqual(['frozen', 'empty', 'empty'])
  expect(lists).toBe(2)
})
