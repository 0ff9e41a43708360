import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/removal.ts'
import { letGo } from './let-go.ts'

const node: Node = {
  metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1' },
  spec: { providerID: 'aws:///us-west-2a/i-1' },
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
}
const empty: Removal = { nodeUID: 'node-1', nodeName: 'n1', instanceId: 'i-1', state: 'Removing', message: '' }

test.each([
  ['was handed over empty', { call: { token: 't', at: '2026-11-21T05:00:00Z' } }, ['n1']],
  ['was taken out of the Auto Scaling group by somebody, and runs on', {}, []],
  ['was taken out of it before AWS was asked', { call: { token: 'unsent', at: '2026-11-21T05:00:00Z' } }, []],
])('the volumes of a machine that %s', async (_, more, told) => {
  const released: string[] = []
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: 0 }),
    status: { removals: [{ ...empty, ...more }] },
    nodes: { byInstance: () => node },
    drain: {
      outOfService: async ({ name }) => {
        released.push(name)
        return { kind: 'done', node, changed: true }
      },
    },
  })
  const once = new OnceTokens({ id: () => 'unsent' })
  once.make()
  await letGo({ ...pass, once })
  expect(released).toEqual(told)
})
