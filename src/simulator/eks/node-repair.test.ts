import { describe, expect, it } from 'vitest'
import { happen } from '../control/happen.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import type { NodeRepairInput } from './schemas.ts'

const override = { nodeMonitoringCondition: 'KernelReady', nodeUnhealthyReason: 'Ordered', minRepairWaitTimeMins: 2 }

function groupOf(desired: number, nodeRepairConfig: NodeRepairInput | undefined): TestGroup {
  return testGroup(desired, { input: nodeRepairConfig === undefined ? {} : { nodeRepairConfig } })
}

/** Breaks the first `count` nodes and says after how many minutes (of an hour) the first of them is on its way out. */
function minutesUntilRepair(parts: TestGroup, count: number, condition?: string): number | undefined {
  const broken = parts.members().slice(0, count)
  for (const { id } of broken) happen(parts.world, { order: 'BreakNode', instanceId: id, ...(condition === undefined ? {} : { condition }) })
  for (let minute = 1; minute <= 60; minute += 1) {
    parts.advance(60)
    if (broken.some(({ lifecycle }) => lifecycle !== 'InService')) return minute
  }
  return undefined
}

interface Case {
  readonly config?: NodeRepairInput
  readonly nodes?: number
  readonly broken?: number
  readonly condition?: string
  readonly minutes: number | undefined
}

const cases: Readonly<Record<string, Case>> = {
  'nothing is repaired unless it is enabled': { minutes: undefined },
  'a silent kubelet is replaced after 30 minutes': { config: { enabled: true }, minutes: 30 },
  'broken hardware is replaced after 10': { config: { enabled: true }, condition: 'AcceleratedHardwareReady', minutes: 10 },
  'pressure is never repaired': { config: { enabled: true }, condition: 'DiskPressure', minutes: undefined },
  'an override says when': {
    config: { enabled: true, nodeRepairConfigOverrides: [{ ...override, repairAction: 'Replace' }] },
    condition: 'KernelReady',
    minutes: 2,
  },
  'an override can forbid it': {
    config: { enabled: true, nodeRepairConfigOverrides: [{ ...override, repairAction: 'NoAction' }] },
    condition: 'KernelReady',
    minutes: undefined,
  },
  'two of ten are repaired': { config: { enabled: true }, nodes: 10, broken: 2, minutes: 30 },
  'three of ten are too many': { config: { enabled: true }, nodes: 10, broken: 3, minutes: undefined },
  'of five any number is repaired': { config: { enabled: true }, nodes: 5, broken: 5, minutes: 30 },
  'a threshold of its own counts instead': { config: { enabled: true, maxUnhealthyNodeThresholdCount: 3 }, nodes: 10, broken: 3, minutes: 30 },
  'also as a share': { config: { enabled: true, maxUnhealthyNodeThresholdPercentage: 10 }, nodes: 10, broken: 2, minutes: undefined },
}

describe('node auto repair', () => {
  it.each(Object.entries(cases))('%s', (_sentence, { config, nodes = 3, broken = 1, condition, minutes }) => {
    expect(minutesUntilRepair(groupOf(nodes, config), broken, condition)).toBe(minutes)
  })

  it('replaces as many at once as it may', () => {
    const parts = groupOf(5, { enabled: true, maxParallelNodesRepairedCount: 2 })
    minutesUntilRepair(parts, 5)
    expect(parts.members().filter(({ lifecycle }) => lifecycle.startsWith('Terminating'))).toHaveLength(2)
    parts.advance(3600)
    expect([parts.members().length, parts.members().filter(({ trouble }) => trouble !== undefined).length]).toEqual([5, 0])
  })

  it('reboots where an override says so', () => {
    const parts = groupOf(1, { enabled: true, nodeRepairConfigOverrides: [{ ...override, repairAction: 'Reboot' }] })
    minutesUntilRepair(parts, 1, 'KernelReady')
    expect(parts.members()[0]?.trouble).toMatchObject({ condition: 'KernelReady', status: 'True', reason: 'Rebooted' })
  })

  it('leaves alone what was mended in time', () => {
    const parts = groupOf(1, { enabled: true })
    const [node] = parts.members()
    happen(parts.world, { order: 'BreakNode', instanceId: node?.id ?? '' })
    parts.advance(1700)
    happen(parts.world, { order: 'MendNode', instanceId: node?.id ?? '' })
    parts.advance(3600)
    expect(node?.lifecycle).toBe('InService')
  })
})
