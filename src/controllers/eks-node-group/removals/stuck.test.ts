import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { endInstances } from '../acts/end-instances.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { wantsChange } from '../wants-change.ts'
import { planRemovals } from './plan.ts'
import { aRemoval } from './test-world.ts'
import { worldOf } from './world.ts'

const node: Node = { metadata: { name: 'node-i-1', uid: 'uid-i-1', resourceVersion: '1' }, spec: { providerID: 'aws:///us-west-2a/i-1' } }

/** A Node that stands while its instance (default: gone) is on its way out since 05:00 and gone since 06:00; how it is waited for at this time. */
async function waiting(time: string, lifecycleState?: string) {
  const instances = lifecycleState === undefined ? [] : [{ instanceId: 'i-1', zone: 'a', lifecycleState, protectedFromScaleIn: false }]
  const scalingGroup = aScalingGroup({ desiredCapacity: 1, instances })
  const pass = aPass({
    now: new Date(`2026-11-21T${time}Z`),
    spec: { scaling: { minSize: 1, maxSize: 10, desiredSize: 1, sizeOwner: 'Spec', allowLarge: false } },
    group: aGroup(),
    scalingGroup,
    status: { removals: [aRemoval('i-1', { state: 'Removing', since: '2026-11-21T05:00:00Z', outSince: '2026-11-21T06:00:00Z' })] },
    nodes: { byInstance: () => node, byName: () => node },
  })
  await endInstances(pass)
  const next = pass.agenda.sooner({ kind: 'awaitChange' })
  return { next, asksAws: wantsChange(pass), message: planRemovals(worldOf(pass, scalingGroup)).removals[0]?.message }
}

test('a Node that stays after its instance is looked at often for five minutes, then at the pace of rest, and the remedy is told', async () => {
  const early = await waiting('06:04:59')
  expect(early).toMatchObject({ next: { ms: 8_000 }, asksAws: true, message: expect.stringMatching(/waits until Kubernetes has removed its Node$/) })
  const late = await waiting('06:05:00')
  expect(late).toMatchObject({ next: { ms: 30_000 }, asksAws: false, message: expect.stringMatching(/finalizers.*kubectl delete node node-i-1$/) })
})

test('an instance that AWS ends for long is still asked about', async () => {
  expect(await waiting('06:20:00', 'Terminating:Wait')).toMatchObject({ next: { ms: 8_000 }, asksAws: true, message: 'AWS ends instance i-1' })
})
