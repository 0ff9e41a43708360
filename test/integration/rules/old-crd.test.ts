import { expect, test } from 'vitest'
import type { CustomObject, KubeObject } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { anEksNodeGroup, aTargetCluster } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import type { Subject } from '../../support/subject.ts'
import { openStage, operatorSpeed, type Stage } from '../../support/world.ts'

const { signal } = new AbortController()

/** Takes a field of the status out of a CRD, as one of an older version lacks it; gives what puts it back. */
async function withoutField({ client }: Stage, plural: string, field: string): Promise<() => Promise<void>> {
  const key = { name: `${plural}.tidegate.io` }
  const path = `/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/${field}`
  const found = await client.get<KubeObject>(resources.customResourceDefinitions, key, { signal })
  const value = path
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>>)[step], found)
  const as = { fieldManager: 'test', signal }
  await client.jsonPatch(resources.customResourceDefinitions, key, [{ op: 'remove', path }], as)
  return async () => void (await client.jsonPatch(resources.customResourceDefinitions, key, [{ op: 'add', path, value }], as))
}

/** The API server takes up a CRD a moment after it was written: until it would keep this field of the object's status. */
async function keepsField(stage: Stage, { resource, key: { namespace = 'default', name } }: Subject<CustomObject>, field: string): Promise<void> {
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { [field]: 'kept' } })]
  const shown = ['--dry-run=server', '-o', `jsonpath={.status.${field}}`]
  await eventually(async () => expect(await stage.kubectl('patch', resource.plural, name, '-n', namespace, ...patch, ...shown)).toBe('kept'))
}

test('P8: a CRD that lacks a field is told on the objects, with the field and what to do, and heals', async () => {
  const stage = await openStage('old-crd')
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(operatorSpeed) })
  try {
    const target = stage.target('demo')
    await stage.openNamespace('old')
    const repairs = [await withoutField(stage, 'targetclusters', 'targetUID'), await withoutField(stage, 'eksnodegroups', 'selector')]
    await target.apply(aTargetCluster())
    await target.condition('Stalled', { status: 'True', reason: 'SchemaTooOld', says: ['.status.targetUID', 'tidegate -- crds'] })
    await repairs[0]?.()
    await keepsField(stage, target, 'targetUID')
    await target.annotate({ retry: 'upgraded' })
    await target.ready()
    const group = stage.group('old', 'workers')
    await group.apply(anEksNodeGroup())
    await group.condition('Stalled', { status: 'True', reason: 'SchemaTooOld', says: ['.status.selector', 'tidegate -- crds'] })
    await repairs[1]?.()
    await keepsField(stage, group, 'selector')
    await group.annotate({ retry: 'upgraded' })
    await group.ready()
    expect((await group.read()).status?.selector).toBe('eks.amazonaws.com/nodegroup=workers')
    await group.delete()
    await group.gone()
    await target.end()
  } finally {
    await operator.stop()
    await stage.close()
  }
})
