import * as sdk from '@aws-sdk/client-eks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Shape, strangers } from './sdk-model.ts'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})

const account = '900000000001'

/** The raw JSON of an EKS answer, before an SDK drops what it does not know. */
async function raw(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${aws.simulator.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20261121/us-west-2/eks/aws4_request, SignedHeaders=host, Signature=0`,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(JSON.stringify(answer))
  return answer
}

it('answers with no member that the SDK model does not have', async () => {
  const group = '/clusters/demo/node-groups/workers'
  const created = await raw('POST', '/clusters/demo/node-groups', {
    nodegroupName: 'workers',
    subnets,
    nodeRole: nodeRole(account),
    instanceTypes: ['m6i.4xlarge'],
    scalingConfig: { minSize: 0, maxSize: 3, desiredSize: 1 },
    labels: { a: 'b' },
    taints: [{ key: 'k', value: 'v', effect: 'NO_EXECUTE' }],
    nodeRepairConfig: {
      enabled: true,
      maxUnhealthyNodeThresholdPercentage: 20,
      maxParallelNodesRepairedCount: 1,
      nodeRepairConfigOverrides: [
        { nodeMonitoringCondition: 'AcceleratedHardwareReady', nodeUnhealthyReason: 'NvidiaXID79Error', minRepairWaitTimeMins: 10, repairAction: 'NoAction' },
      ],
    },
    tags: { t: 'u' },
  })
  await aws.advance(120)
  const described = await raw('GET', group)
  const updated = await raw('POST', `${group}/update-config`, { scalingConfig: { desiredSize: 2 } })
  const id = (updated as { readonly update: { readonly id: string } }).update.id
  await aws.advance(60)
  const moved = await raw('POST', `${group}/update-version`, { releaseVersion: '1.36.2-20260714', force: true })
  const answers: readonly (readonly [unknown, Shape])[] = [
    [created, sdk.CreateNodegroupResponse$],
    [described, sdk.DescribeNodegroupResponse$],
    [updated, sdk.UpdateNodegroupConfigResponse$],
    [moved, sdk.UpdateNodegroupVersionResponse$],
    [await raw('GET', `/clusters/demo/updates/${id}?nodegroupName=workers`), sdk.DescribeUpdateResponse$],
    [await raw('GET', '/clusters/demo/updates?nodegroupName=workers'), sdk.ListUpdatesResponse$],
    [await raw('GET', '/clusters/demo'), sdk.DescribeClusterResponse$],
    [await raw('GET', '/clusters'), sdk.ListClustersResponse$],
    [await raw('GET', '/clusters/demo/node-groups'), sdk.ListNodegroupsResponse$],
  ]
  expect(answers.flatMap(([answer, schema]) => strangers(answer, schema))).toEqual([])
  // the check itself can fail
  expect(strangers({ nodegroup: { health: { issues: [{ colour: 1 }] } } }, sdk.DescribeNodegroupResponse$)).toEqual(['.nodegroup.health.issues[0].colour'])
})
