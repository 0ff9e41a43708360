import { describe, expect, it } from 'vitest'
import type { Instance } from '../state.ts'
import { launchOrder, scaleInVictim } from './victims.ts'

function instance(id: string, zone: string, more: Partial<Instance> = {}): Instance {
  return {
    id,
    type: 'm6i.4xlarge',
    zone,
    subnetId: 'subnet-0',
    privateIp: '10.0.0.4',
    privateDnsName: id,
    launchedAt: new Date(Date.UTC(2026, 0, 2)),
    imageId: 'ami-0',
    kubernetesVersion: '1.36',
    sourceTemplate: undefined,
    tags: {},
    scalingGroup: 'g',
    templateVersion: 1,
    state: 'running',
    lifecycle: 'InService',
    protectedFromScaleIn: false,
    joined: true,
    health: 'Healthy',
    cordoned: false,
    drain: undefined,
    trouble: undefined,
    ...more,
  }
}

const older = { launchedAt: new Date(Date.UTC(2026, 0, 1)) }

const cases: Readonly<Record<string, readonly [instances: readonly Instance[], victim: string | undefined]>> = {
  'nothing is taken from an empty group': [[], undefined],
  'the zone with the most instances gives, even if another has an older one': [[instance('a', '2a', older), instance('b', '2b'), instance('c', '2b')], 'b'],
  'in a zone the oldest template goes first': [[instance('a', '2a', { templateVersion: 2, ...older }), instance('b', '2a', { templateVersion: 1 })], 'b'],
  'then the oldest instance': [[instance('a', '2a'), instance('b', '2a', older)], 'b'],
  'a protected one is spared': [[instance('a', '2a', { protectedFromScaleIn: true }), instance('b', '2b')], 'b'],
  'when all are protected nobody goes': [[instance('a', '2a', { protectedFromScaleIn: true })], undefined],
  'one that leaves already is not taken again, and does not count for its zone': [
    [instance('a', '2a', { lifecycle: 'Terminating:Wait' }), instance('b', '2a'), instance('c', '2b', older)],
    'c',
  ],
  'one that still boots can go': [[instance('a', '2a', { lifecycle: 'Pending' })], 'a'],
}

describe('scaleInVictim', () => {
  it.each(Object.entries(cases))('%s', (_sentence, [instances, victim]) => {
    expect(scaleInVictim(instances)?.id).toBe(victim)
  })
})

describe('launchOrder', () => {
  it('tries the emptiest zone first and keeps the order of equals', () => {
    expect(launchOrder(['2a', '2b', '2c'], [instance('a', '2a'), instance('b', '2b', { lifecycle: 'Terminating:Wait' })])).toEqual(['2b', '2c', '2a'])
  })
})
