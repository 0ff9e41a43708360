import { expect, test } from 'vitest'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { type Given, releasing, time } from './test-release.ts'

const suspended: EksNodeGroupStatus = { arn: 'arn:workers', rebalance: { suspendedAt: time, scalingGroup: 'asg' } }

test('B6: over uneven zones rebalancing stays suspended, since AWS would end a node that nobody drained: it is named with the commands', async () => {
  const { done, note, passes } = await releasing({ status: suspended, isNodeGone: true, desiredCapacity: 2, others: ['a'] })
  expect(done).toEqual([])
  expect(note).toBe(
    'retained: it stays. Left behind: the suspension of AZRebalance on asg. By hand, once its zones are even: ' +
      'aws autoscaling resume-processes --auto-scaling-group-name asg --scaling-processes AZRebalance; ' +
      'aws autoscaling delete-tags --tags ResourceId=asg,ResourceType=auto-scaling-group,Key=tidegate.io/suspended',
  )
  // Nobody waits for zones.
  expect(passes).toBe(2)
})

test('B6: all else is taken back over uneven zones too', async () => {
  const { done, note } = await releasing({ desiredCapacity: 2, others: ['a'] })
  expect(done.toSorted()).toEqual(['protect false i-1', 'release node-1 of u1', 'untaint tidegate.io/leaving'])
  expect(note).toContain('Left behind: the suspension of AZRebalance on asg; minSize and maxSize as they are now')
})

test.each<[string, Given, readonly string[]]>([
  ['the zones are even', { others: ['b'] }, ['resume AZRebalance']],
  ['a person has resumed it', { others: ['a'], isResumed: true }, []],
])('B6: nothing is left of our suspension where %s', async (_, given, expected) => {
  const { done, note } = await releasing({ ...given, status: suspended, isNodeGone: true, desiredCapacity: 2 })
  expect({ done, note }).toEqual({ done: expected, note: 'retained: it stays' })
})
