import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { attemptsOf } from './attempts.ts'
import { aGroup, aPass } from './test-pass.ts'

type Given = NonNullable<Parameters<typeof aPass>[0]>

const failed = aGroup({ state: 'CreateFailed' })
const bounds = { minSize: 0, maxSize: 10, sizeOwner: 'Orders', allowLarge: false } as const
const annotated = (retry: string): NonNullable<Given['object']> => ({ generation: 3, annotations: { 'tidegate.io/retry': retry } })

function attempts(creation: EksNodeGroupStatus['creation'], given: Given): ReturnType<typeof attemptsOf> {
  return attemptsOf(aPass({ object: { generation: 3 }, group: failed, spec: { scaling: bounds }, ...given, status: { ...(creation && { creation }) } }))
}

/** What three failures leave behind, under the token `t1` where one is given. */
const stalled = (object: NonNullable<Given['object']> = { generation: 3 }): NonNullable<EksNodeGroupStatus['creation']> => ({
  ...attempts(undefined, { object }),
  failures: 3,
})

const long = 'a'.repeat(300)
const cases: Record<string, [EksNodeGroupStatus['creation'], Given, number]> = {
  'nobody has said anything since': [stalled(), {}, 3],
  'a first token': [stalled(), { object: annotated('t1') }, 0],
  'another token': [stalled(annotated('t1')), { object: annotated('t2') }, 0],
  'the token that they failed under': [stalled(annotated('t1')), { object: annotated('t1') }, 3],
  'the token that they failed under, longer than the status keeps': [stalled(annotated(long)), { object: annotated(long) }, 3],
  'the token was taken off': [stalled(annotated('t1')), {}, 3],
  'a generation that asks EKS for something else': [stalled(), { object: { generation: 4 }, spec: { scaling: { ...bounds, maxSize: 11 } } }, 0],
  'a generation of kubectl scale': [stalled(), { object: { generation: 4 }, spec: { scaling: { ...bounds, desiredSize: 2 } } }, 3],
  'another version of the operator, which asks for something else': [{ ...stalled(), paramsHash: 'former' }, {}, 3],
  'a status of an earlier version, and a token': [{ failures: 3 }, { object: annotated('t1') }, 3],
  'the group is gone, since a person deleted it': [stalled(), { group: undefined }, 0],
  'a group is gone that was to be made again anyhow': [{ ...stalled(), failures: 2 }, { group: undefined }, 2],
  'nothing has failed': [undefined, { object: annotated('t1') }, 0],
}
test.each(Object.entries(cases))('B2: which failures count: %s', (_, [creation, given, failures]) => {
  expect(attempts(creation, given).failures).toBe(failures)
})

test('a token that was taken off and put back is no new one', () => {
  const takenOff = attempts(stalled(annotated('t1')), {})
  expect(attempts(takenOff, { object: annotated('t1') }).failures).toBe(3)
})

test('what a status of an earlier version does not say is what is found first; after it a token counts', () => {
  const found = attempts({ failures: 3 }, { object: annotated('t1') })
  expect(found).toMatchObject({ failures: 3, retry: 't1', generation: 3 })
  expect(attempts(found, { object: annotated('t2') }).failures).toBe(0)
})
