import { expect, test } from 'vitest'
import { anEksNodeGroup } from '../../support/builders.ts'
import { openProxiedStage } from '../../support/proxied-stage.ts'
import { silenceWatches } from '../../support/silent-watch.ts'

test('a group whose namespace shows later than itself is looked at when it does', { timeout: 180_000 }, async ({ onTestFinished }) => {
  const { stage, proxy } = await openProxiedStage('late-namespace', { namespace: 'training', onTestFinished })
  await stage.target('demo').ready()
  const heal = await silenceWatches(proxy, 'namespaces', ['eksnodegroups'])
  await stage.openNamespace('late')
  const group = stage.group('late', 'workers')
  await group.apply(anEksNodeGroup())
  await group.condition('Stalled', { reason: 'NotAllowedInNamespace', says: ['namespace late'] })
  heal()
  await group.ready()
  await group.delete()
  await group.gone()
  expect(await stage.cloud.group('workers')).toBeUndefined()
})
