import { expect, test } from 'vitest'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { closeSizes } from './close-sizes.ts'

const removal = { instanceId: 'i-1', state: 'Draining', message: '' } as const

const cases: Record<string, { scaling: Parameters<typeof aScalingGroup>[0]; eks?: number; removals?: readonly (typeof removal)[]; sent: object | undefined }> =
  {
    'the maximum becomes what is asked for, the minimum 0': { scaling: { minSize: 2, maxSize: 10, desiredCapacity: 3 }, sent: { minSize: 0, maxSize: 3 } },
    'the maximum is never 0, which EKS refuses': { scaling: { minSize: 0, maxSize: 10, desiredCapacity: 0 }, sent: { maxSize: 1 } },
    'a number that EKS has not noticed to be lower yet still fits': { scaling: { minSize: 0, maxSize: 10, desiredCapacity: 1 }, eks: 4, sent: { maxSize: 4 } },
    'the maximum does not follow each node that leaves': { scaling: { minSize: 0, maxSize: 3, desiredCapacity: 2 }, removals: [removal], sent: undefined },
    'a minimum that somebody raised meanwhile is lowered again': {
      scaling: { minSize: 1, maxSize: 3, desiredCapacity: 2 },
      removals: [removal],
      sent: { minSize: 0 },
    },
    'closed sizes are left alone': { scaling: { minSize: 0, maxSize: 3, desiredCapacity: 3 }, sent: undefined },
  }

test.each(Object.entries(cases))('%s', async (_, { scaling, eks = scaling?.desiredCapacity ?? 0, removals = [], sent }) => {
  const asked: object[] = []
  let { status } = aPass({ status: { arn: 'arn:workers', removals: [...removals] } }).draft
  const pass = async (): Promise<unknown> => {
    const group = aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: eks } })
    const nodeGroups = { updateScaling: async (_cluster: string, _name: string, numbers: object) => void asked.push(numbers) }
    const given = aPass({ status, group, scalingGroup: aScalingGroup(scaling), nodeGroups })
    const result = await closeSizes(given)
    status = given.draft.status
    return result
  }
  const first = await pass()
  expect(first).toEqual(sent === undefined ? undefined : { kind: 'checkpoint' })
  expect(asked).toEqual([])
  await pass()
  expect(asked).toEqual(sent === undefined ? [] : [sent])
})

test('P1: the maximum is not lowered below a number that somebody has raised since it was read', async () => {
  const sent: object[] = []
  const given = {
    group: aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: 3 } }),
    scalingGroup: aScalingGroup({ minSize: 0, desiredCapacity: 3 }),
    nodeGroups: { updateScaling: async (_cluster: string, _name: string, numbers: object) => void sent.push(numbers) },
  }
  let { status } = aPass(given).draft
  const pass = async (desiredCapacity: number): Promise<unknown> => {
    const scalingGroups = { describe: async () => [aScalingGroup({ minSize: 0, desiredCapacity })] }
    const one = aPass({ ...given, status, scalingGroups })
    const result = await closeSizes({ ...one, seen: { ...one.seen, countsAt: new Date('2026-11-21T05:59:00Z') } })
    status = one.draft.status
    return result
  }
  expect(await pass(3)).toEqual({ kind: 'checkpoint' })
  expect([await pass(5), sent]).toEqual([{ kind: 'requeueAfter', ms: 1_000 }, []])
  await pass(3)
  expect(sent).toEqual([{ maxSize: 3 }])
})

test('a number is never sent, and what the sizes were is remembered', async () => {
  const given = aPass({ status: {}, group: aGroup(), scalingGroup: aScalingGroup({ minSize: 2, maxSize: 9, desiredCapacity: 3 }) })
  await closeSizes(given)
  expect(given.draft.status.deletion).toEqual({ sizesBefore: '2/9' })
})
