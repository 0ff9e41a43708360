import { AuthenticationMode, CapacityTypes, ClusterStatus, NodegroupStatus, NodegroupUpdateStrategies, TaintEffect, UpdateStatus } from '@aws-sdk/client-eks'
import { describe, expect, it } from 'vitest'
import type { NodeGroupConfigChange, NodeGroupCreation } from './port.ts'
import {
  authenticationModes,
  capacityTypes,
  clusterOf,
  clusterStates,
  configRequest,
  creationRequest,
  nodeGroupOf,
  nodeGroupStates,
  taintEffects,
  updateOf,
  updateStates,
  updateStrategies,
} from './translate.ts'

describe("EKS' words", () => {
  it.each([
    ['states of a node group', nodeGroupStates, NodegroupStatus],
    ['states of a cluster', clusterStates, ClusterStatus],
    ['capacity types', capacityTypes, CapacityTypes],
    ['authentication modes of a cluster', authenticationModes, AuthenticationMode],
    ['effects of a taint', taintEffects, TaintEffect],
    ['states of an update', updateStates, UpdateStatus],
    ['strategies of an update', updateStrategies, NodegroupUpdateStrategies],
  ])('%s: we know all that the model of the SDK knows', (_, words, model) => {
    expect(Object.keys(words).toSorted()).toEqual(Object.values<string>(model).toSorted())
  })
})

const smallest: NodeGroupCreation = {
  name: 'workers',
  subnetIds: ['subnet-1'],
  nodeRoleArn: 'arn:aws:iam::111122223333:role/n',
  scaling: { minSize: 0, maxSize: 3, desiredSize: 0 },
  tags: { a: 'b' },
}

describe('creationRequest', () => {
  it('sends what is given and nothing else', () => {
    expect(creationRequest('demo', smallest, 't-1')).toStrictEqual({
      clusterName: 'demo',
      nodegroupName: 'workers',
      clientRequestToken: 't-1',
      subnets: ['subnet-1'],
      nodeRole: 'arn:aws:iam::111122223333:role/n',
      scalingConfig: { minSize: 0, maxSize: 3, desiredSize: 0 },
      tags: { a: 'b' },
    })
  })

  it("sends the rest in EKS' words", () => {
    const request = creationRequest(
      'demo',
      {
        ...smallest,
        instanceTypes: ['p5.48xlarge'],
        amiType: 'AL2023_x86_64_NVIDIA',
        capacityType: 'CapacityBlock',
        diskSizeGiB: 100,
        version: '1.36',
        releaseVersion: '1.36.2-20260714',
        launchTemplate: { id: 'lt-1', version: '3' },
        labels: { tier: 'gpu' },
        taints: [
          { key: 'a', value: 'b', effect: 'NoExecute' },
          { key: 'c', effect: 'PreferNoSchedule' },
        ],
      },
      't-1',
    )
    expect(request).toMatchObject({
      instanceTypes: ['p5.48xlarge'],
      amiType: 'AL2023_x86_64_NVIDIA',
      capacityType: 'CAPACITY_BLOCK',
      diskSize: 100,
      version: '1.36',
      releaseVersion: '1.36.2-20260714',
      launchTemplate: { id: 'lt-1', version: '3' },
      labels: { tier: 'gpu' },
    })
    expect(request.taints).toStrictEqual([
      { key: 'a', value: 'b', effect: 'NO_EXECUTE' },
      { key: 'c', effect: 'PREFER_NO_SCHEDULE' },
    ])
  })

  it('what is made is described as it was asked for', () => {
    const creation: NodeGroupCreation = {
      ...smallest,
      capacityType: 'Spot',
      taints: [{ key: 'a', effect: 'NoSchedule' }],
      labels: { x: 'y' },
      diskSizeGiB: 30,
      update: { maxUnavailable: 2, strategy: 'Minimal' },
      nodeRepair: { enabled: true, maxParallelNodesRepairedCount: 1 },
    }
    const { clientRequestToken: _token, ...sent } = creationRequest('demo', creation, 't')
    expect(nodeGroupOf(sent)).toMatchObject(creation)
  })
})

describe('A3: configRequest', () => {
  const which = { clusterName: 'demo', nodegroupName: 'workers', clientRequestToken: 't' }
  const taint = { key: 'a', effect: 'NoSchedule' } as const
  it.each<readonly [string, NodeGroupConfigChange, object | undefined]>([
    ['labels alone', { labels: { set: { a: 'b' }, remove: ['c'] } }, { labels: { addOrUpdateLabels: { a: 'b' }, removeLabels: ['c'] } }],
    ['labels that only come', { labels: { set: { a: 'b' }, remove: [] } }, { labels: { addOrUpdateLabels: { a: 'b' } } }],
    ['taints that only go', { taints: { set: [], remove: [taint] } }, { taints: { removeTaints: [{ key: 'a', effect: 'NO_SCHEDULE' }] } }],
    [
      'how nodes are rolled',
      { update: { maxUnavailablePercentage: 10, strategy: 'Default' } },
      { updateConfig: { maxUnavailablePercentage: 10, updateStrategy: 'DEFAULT' } },
    ],
    ['node repair that ends', { nodeRepair: { enabled: false } }, { nodeRepairConfig: { enabled: false } }],
    ['nothing', { labels: { set: {}, remove: [] }, taints: { set: [], remove: [] }, update: {}, nodeRepair: {} }, undefined],
  ])('%s is all that is sent', (_, change, sent) => {
    expect(configRequest('demo', 'workers', change, 't')).toStrictEqual(sent && { ...which, ...sent })
  })
})

describe('nodeGroupOf', () => {
  it('leaves out what EKS leaves out, and reads words of a newer EKS as Unknown', () => {
    const raw = { nodegroupName: 'workers', status: 'PAUSED' as never, capacityType: 'LEASED' as never, taints: [{ key: 'a', effect: 'NEW' as never }] }
    expect(nodeGroupOf(raw)).toStrictEqual({
      arn: '',
      name: 'workers',
      state: 'Unknown',
      scaling: { minSize: 0, maxSize: 0, desiredSize: 0 },
      subnetIds: [],
      nodeRoleArn: '',
      instanceTypes: [],
      capacityType: 'Unknown',
      labels: {},
      taints: [],
      tags: {},
      update: {},
      autoScalingGroups: [],
      healthIssues: [],
    })
  })

  it('strips request ids from health issues', () => {
    const issue = { code: 'AccessDenied' as const, message: 'Denied (Service: AmazonEC2; Request ID: 1)', resourceIds: ['r'] }
    expect(nodeGroupOf({ health: { issues: [issue] } }).healthIssues).toEqual([{ code: 'AccessDenied', message: 'Denied', resourceIds: ['r'] }])
  })
})

describe('clusterOf and updateOf', () => {
  it('say what EKS says', () => {
    const cluster = { name: 'demo', arn: 'arn:c', status: 'ACTIVE' as const, certificateAuthority: { data: 'Y2E=' }, computeConfig: { enabled: true } }
    expect(clusterOf(cluster)).toStrictEqual({ name: 'demo', arn: 'arn:c', state: 'Active', certificateAuthority: 'Y2E=', autoMode: true })
    expect(clusterOf({ accessConfig: { authenticationMode: 'CONFIG_MAP' } })).toMatchObject({ authenticationMode: 'ConfigMap' })
    const createdAt = new Date('2026-11-21T06:00:00Z')
    const errors = [{ errorCode: 'IpNotAvailable' as const, errorMessage: 'none left' }]
    expect(updateOf({ id: 'u', status: 'Failed', createdAt, errors })).toStrictEqual({
      id: 'u',
      state: 'Failed',
      createdAt: '2026-11-21T06:00:00.000Z',
      errors: [{ code: 'IpNotAvailable', message: 'none left' }],
    })
  })
})
