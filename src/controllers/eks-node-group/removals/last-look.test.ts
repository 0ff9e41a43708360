import { expect, test } from 'vitest'
import type { NodeRef } from '../../../drain/request.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { lastLook } from './last-look.ts'
import { aRemoval } from './test-world.ts'

test('P1: the last look is at the Node of the machine that is ended, and not only at one of its name', async () => {
  const looked: NodeRef[] = []
  const node = { metadata: { name: 'node-i-1', uid: 'uid-i-1', resourceVersion: '1' }, spec: {} }
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup(),
    drain: {
      lastLook: async (request) => {
        looked.push(request.node)
        return { kind: 'empty', node }
      },
    },
  })
  expect(await lastLook(pass, aRemoval('i-1'))).toBeUndefined()
  expect(looked).toEqual([{ name: 'node-i-1', uid: 'uid-i-1', instanceId: 'i-1' }])
})
