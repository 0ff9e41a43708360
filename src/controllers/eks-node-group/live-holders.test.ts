import { expect, test } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import type { Resource } from '../../kube/resource.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { aPass } from './test-pass.ts'
import { createLiveHolders, createLiveObject } from './live-holders.ts'

const { signal } = new AbortController()
const frozen = { 'tidegate.io/frozen-until': '2026-11-22T06:00:00Z' }

/** An API server with a TargetCluster `demo` and a release namespace; counts what it is asked. */
function start() {
  const clock = new FakeClock()
  const objects: Record<string, object> = {
    'targetclusters metadata.name=demo': { metadata: { name: 'demo' }, spec: { suspend: false } },
    'namespaces metadata.name=tidegate-system': { metadata: { name: 'tidegate-system' } },
  }
  const asked: string[] = []
  const list = async ({ plural }: Resource, { fieldSelector = '' }: { readonly fieldSelector?: string }) => {
    asked.push(`${plural} ${fieldSelector}`)
    const found = objects[`${plural} ${fieldSelector}`]
    return { items: found === undefined ? [] : [found] }
  }
  const ask = createLiveHolders({ client: { list } as unknown as KubeClient, releaseNamespace: 'tidegate-system', clock })
  return { clock, objects, asked, ask: async (target = 'demo') => await ask(target, { signal }) }
}

test('P10: what the API server holds counts, and many groups share one answer for a second, and all targets that of the namespace', async () => {
  const { clock, objects, asked, ask } = start()
  await Promise.all(Array.from({ length: 200 }, async () => await ask()))
  expect(asked).toHaveLength(2)
  objects['targetclusters metadata.name=demo'] = { metadata: { name: 'demo', annotations: frozen }, spec: { suspend: true } }
  objects['namespaces metadata.name=tidegate-system'] = { metadata: { name: 'tidegate-system', annotations: frozen } }
  await clock.advance(1_001)
  expect(await ask()).toEqual([
    { what: 'TargetCluster demo', suspend: true, annotations: frozen },
    { what: 'namespace tidegate-system', suspend: false, annotations: frozen },
  ])
  expect(asked).toHaveLength(4)
  await ask('other')
  expect(asked.slice(4)).toEqual(['targetclusters metadata.name=other'])
})

test('what is not there holds nothing', async () => {
  const { ask } = start()
  expect(await ask('gone')).toEqual([
    { what: 'TargetCluster gone', suspend: false, annotations: undefined },
    { what: 'namespace tidegate-system', suspend: false, annotations: undefined },
  ])
})

test('P10: a group is asked for by its name in its namespace, each time anew', async () => {
  const asked: unknown[] = []
  const list = async ({ plural }: Resource, { fieldSelector, namespace }: { readonly fieldSelector?: string; readonly namespace?: string }) => {
    asked.push([plural, namespace, fieldSelector])
    return { items: asked.length === 1 ? [{ metadata: { name: 'workers' } }] : [] }
  }
  const ask = createLiveObject({ list } as unknown as KubeClient)
  const { object } = aPass().draft
  expect(await ask(object, { signal })).toEqual({ metadata: { name: 'workers' } })
  expect(await ask(object, { signal })).toBeUndefined()
  expect(asked).toEqual(Array.from({ length: 2 }, () => ['eksnodegroups', 'training', 'metadata.name=workers']))
})
