import * as sdk from '@aws-sdk/client-eks'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

/** A structure in the SDK's own model: `[3, namespace, name, traits, member names, member schemas]`. */
type Schema = unknown

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

/** Paths of members that the model does not have. Lists are `[1, …, member]` and maps `[2, …, key, value]`; numbers are simple types. */
function strangers(value: unknown, schema: Schema, path: string): readonly string[] {
  const resolved: Schema = typeof schema === 'function' ? (schema as () => Schema)() : schema
  if (Array.isArray(value)) {
    const member: Schema = Array.isArray(resolved) && resolved[0] === 1 ? resolved[4] : undefined
    return value.flatMap((item, index) => strangers(item, member, `${path}[${index}]`))
  }
  if (typeof value !== 'object' || value === null || !Array.isArray(resolved) || resolved[0] !== 3) return []
  const names = resolved[4] as readonly string[]
  const members = resolved[5] as readonly Schema[]
  return Object.entries(value).flatMap(([name, inner]) => {
    const index = names.indexOf(name)
    return index < 0 ? [`${path}.${name}`] : strangers(inner, members[index], `${path}.${name}`)
  })
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
  const answers: readonly (readonly [unknown, Schema])[] = [
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
  expect(answers.flatMap(([answer, schema]) => strangers(answer, schema, ''))).toEqual([])
  // the check itself can fail
  expect(strangers({ nodegroup: { health: { issues: [{ colour: 1 }] } } }, sdk.DescribeNodegroupResponse$, '')).toEqual(['.nodegroup.health.issues[0].colour'])
})
