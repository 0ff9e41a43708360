import { expect, test } from 'vitest'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { cost } from './cost.ts'

const prices = [
  { instanceType: 'm6i.large', hourly: '0.096', currency: 'USD' },
  { instanceType: 'm6i.xlarge', hourly: '0.192', currency: 'USD' },
]
const instance = (instanceId: string, lifecycleState = 'InService') => ({ instanceId, zone: 'z', lifecycleState, protectedFromScaleIn: false })
const node = (type: string): Node => ({
  metadata: { name: 'n', uid: 'n', resourceVersion: '1', labels: { 'node.kubernetes.io/instance-type': type } },
  spec: {},
})

function passOf(given: Parameters<typeof aPass>[0], nodes: Readonly<Record<string, Node>> = {}): Pass {
  const pass = aPass({ now: new Date('2026-11-21T06:00:00Z'), ...given })
  return { ...pass, target: { ...pass.target, prices, nodes: { ...pass.target.nodes, byInstance: (id) => nodes[id] } } }
}

test('one type: every instance costs, joined or not, but none that is on its way out', () => {
  const scalingGroup = aScalingGroup({ instances: [instance('i-1'), instance('i-2', 'Pending'), instance('i-3', 'Terminating:Wait')] })
  const pass = passOf({ group: aGroup({ instanceTypes: ['m6i.large'] }), scalingGroup })
  cost(pass)
  expect(pass.draft.status.cost).toEqual({ hourly: '0.192', currency: 'USD', basis: 'Override', pricedAt: '2026-11-21T06:00:00Z' })
})

test('several types: the Nodes tell, and while one has not joined nothing is known', () => {
  const scalingGroup = aScalingGroup({ instances: [instance('i-1'), instance('i-2')] })
  const group = aGroup({ instanceTypes: ['m6i.large', 'm6i.xlarge'] })
  const whole = passOf({ group, scalingGroup }, { 'i-1': node('m6i.large'), 'i-2': node('m6i.xlarge') })
  cost(whole)
  expect(whole.draft.status.cost).toMatchObject({ hourly: '0.288' })
  const booting = passOf({ group, scalingGroup }, { 'i-1': node('m6i.large') })
  cost(booting)
  expect(booting.draft.status.cost).toEqual({ basis: 'Unknown' })
})

test('a capacity block is paid for, whatever a price says of its type', () => {
  const scalingGroup = aScalingGroup({ instances: [instance('i-1')] })
  const pass = passOf({ group: aGroup({ instanceTypes: ['m6i.large'], capacityType: 'CapacityBlock' }), scalingGroup })
  cost(pass)
  expect(pass.draft.status.cost).toEqual({ hourly: '0', basis: 'Prepaid', pricedAt: '2026-11-21T06:00:00Z' })
})

test('the time of the price moves only with the numbers', () => {
  const status = { cost: { hourly: '0.096', currency: 'USD', basis: 'Override', pricedAt: '2026-11-20T00:00:00Z' } } as const
  const group = aGroup({ instanceTypes: ['m6i.large'] })
  const same = passOf({ status: structuredClone(status), group, scalingGroup: aScalingGroup({ instances: [instance('i-1')] }) })
  cost(same)
  expect(same.draft.status.cost).toEqual(status.cost)
  const more = passOf({ status: structuredClone(status), group, scalingGroup: aScalingGroup({ instances: [instance('i-1'), instance('i-2')] }) })
  cost(more)
  expect(more.draft.status.cost).toMatchObject({ hourly: '0.192', pricedAt: '2026-11-21T06:00:00Z' })
})

test('a group that is gone costs nothing any more; one that does not show for a moment still does', () => {
  const status = { cost: { basis: 'Unknown' } } as const
  const moment = passOf({ status, group: aGroup() })
  cost(moment)
  expect(moment.draft.status.cost).toEqual(status.cost)
  const gone = passOf({ status, group: undefined })
  cost(gone)
  expect(gone.draft.status).not.toHaveProperty('cost')
})
