import { expect, test } from 'vitest'
import { KubeError } from '../../../kube/kube-error.ts'
import { aGroup, aPass, aScalingGroup } from '../a-pass.ts'
import type { Pass } from '../pass.ts'
import { fillSize } from './fill-size.ts'

const scaling = { minSize: 0, maxSize: 200, sizeOwner: 'Orders', allowLarge: false } as const

function withAnswer(error?: KubeError): { readonly pass: Pass; readonly written: number[] } {
  const written: number[] = []
  const setDesiredSize = async (_group: object, size: number): Promise<string> => {
    if (error !== undefined) throw error
    written.push(size)
    return '2'
  }
  const pass = aPass({ spec: { scaling }, group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 150 }), sizes: { setDesiredSize } })
  return { pass, written }
}

test('the number of nodes that is there is filled in where orders own it', async () => {
  const { pass, written } = withAnswer()
  expect(await fillSize(pass)).toEqual({ kind: 'wrote', resourceVersion: '2' })
  expect(written).toEqual([150])
})

test('a number that the rules of the kind refuse needs a person, who is told the remedy', async () => {
  const { pass } = withAnswer(
    new KubeError(422, 'Invalid', 'desiredSize above 100 needs allowLarge: true', { details: { causes: [{ field: 'spec.scaling' }] } }),
  )
  await expect(fillSize(pass)).rejects.toMatchObject({
    name: 'TerminalError',
    reason: 'SizeRefused',
    message: expect.stringMatching(/150.*needs allowLarge: true.*set scaling\.allowLarge to true/),
  })
})

const others: Record<string, KubeError> = {
  'somebody was first': new KubeError(409, 'Conflict', 'the object has been modified'),
  'the name belongs to another object by now': new KubeError(422, 'Invalid', 'uid', { details: { causes: [{ field: 'metadata.uid' }] } }),
  'no answer came': new KubeError(0, 'NoAnswer', 'no answer'),
}
test.each(Object.entries(others))('%s: the runtime decides when to look again', async (_, error) => {
  await expect(fillSize(withAnswer(error).pass)).rejects.toBe(error)
})
