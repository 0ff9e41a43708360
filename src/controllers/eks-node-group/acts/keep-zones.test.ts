import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../a-pass.ts'
import { keepZones } from './keep-zones.ts'

test.each([
  ['this object', { 'tidegate.io/suspended': 'AZRebalance/u1' }, ['resume AZRebalance', 'untag tidegate.io/suspended']],
  ['an earlier life of it, before a backup came back', { 'tidegate.io/suspended': 'AZRebalance/u0' }, ['resume AZRebalance', 'untag tidegate.io/suspended']],
  ['somebody else', {}, []],
])('B6: AZRebalance that was suspended by %s, and no status that knows of it', async (_, tags, expected) => {
  const done: string[] = []
  const scalingGroup = aScalingGroup({ suspendedProcesses: ['AZRebalance'], zones: ['a', 'b'], tags })
  const pass = aPass({
    group: aGroup(),
    scalingGroup,
    scalingGroups: {
      resume: async (_name, processes) => void done.push(`resume ${processes.join()}`),
      untag: async (_name, keys) => void done.push(`untag ${keys.join()}`),
    },
  })
  expect(await keepZones(pass)).toBeUndefined()
  expect(done).toEqual(expected)
})
