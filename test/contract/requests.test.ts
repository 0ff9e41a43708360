import * as autoscaling from '@aws-sdk/client-auto-scaling'
import * as eks from '@aws-sdk/client-eks'
import * as sts from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { type AwsAction, type AwsCall, type AwsService, serviceOf } from '../../src/aws/api.ts'
import { createScalingGroups } from '../../src/aws/autoscaling/scaling-groups.ts'
import { createClusters } from '../../src/aws/eks/clusters.ts'
import { createNodeGroups } from '../../src/aws/eks/node-groups.ts'
import type { NodeGroupCreation, NodeGroupTaint } from '../../src/aws/eks/port.ts'
import { permissions } from '../../src/aws/permissions.ts'
import { createIdentity } from '../../src/aws/sts/identity.ts'
import { createRoleSessions } from '../../src/aws/sts/role-sessions.ts'
import { FakeClock } from '../../src/lib/fake-clock.ts'
import { createNodegroupInput, updateNodegroupConfigInput, updateNodegroupVersionInput } from '../../src/simulator/eks/schemas.ts'
import { type Shape, inputOf, memberOf, missing, strangers, structureOf } from './sdk-model.ts'

const models: Readonly<Record<AwsService, Readonly<Record<string, unknown>>>> = { autoscaling, eks, sts }

function modelOf(action: AwsAction): Shape {
  return inputOf(models[serviceOf(action)][`${action.slice(action.indexOf(':') + 1)}$`])
}

interface Request {
  readonly action: AwsAction
  readonly input: unknown
}

const taint: NodeGroupTaint = { key: 'k', value: 'v', effect: 'NoExecute' }
const settings = {
  update: { maxUnavailablePercentage: 10, strategy: 'Minimal' },
  nodeRepair: { enabled: true, maxUnhealthyNodeThresholdCount: 1, maxParallelNodesRepairedCount: 1 },
} as const
const creation: NodeGroupCreation = {
  name: 'workers',
  subnetIds: ['subnet-1'],
  nodeRoleArn: 'arn:aws:iam::111122223333:role/n',
  scaling: { minSize: 0, maxSize: 3, desiredSize: 0 },
  instanceTypes: ['m6i.large'],
  amiType: 'AL2023_x86_64_STANDARD',
  capacityType: 'Spot',
  diskSizeGiB: 100,
  version: '1.36',
  releaseVersion: '1.36.2-20260714',
  launchTemplate: { id: 'lt-1', version: '1' },
  labels: { a: 'b' },
  taints: [taint],
  tags: { a: 'b' },
  ...settings,
}

/** What EKS always answers with. */
const something = { nodegroup: {}, nodegroups: [], update: {}, updateIds: [], cluster: {} }

/** Everything that the ports ask of AWS, each method once with all that it can be given, and each list to its second page. */
async function allRequests(): Promise<readonly Request[]> {
  const requests: Request[] = []
  const call = (async (action: AwsAction, input: object) => {
    requests.push({ action, input })
    const isSecond = 'nextToken' in input || 'NextToken' in input
    return await Promise.resolve(isSecond ? something : { ...something, nextToken: 'more', NextToken: 'more' })
  }) as unknown as AwsCall
  const clock = new FakeClock()
  const { signal } = new AbortController()
  const [read, write] = [{ signal }, { signal, token: 't-1' }]
  const groups = createNodeGroups({ call, clock })
  await groups.describe('demo', 'workers', read)
  await groups.list('demo', read)
  await groups.create('demo', creation, write)
  await groups.updateScaling('demo', 'workers', creation.scaling, write)
  const change = { labels: { set: { a: 'b' }, remove: ['c'] }, taints: { set: [taint], remove: [taint] }, ...settings }
  await groups.updateConfig('demo', 'workers', change, write)
  const { version = '', releaseVersion = '', launchTemplate = { version: '' } } = creation
  await groups.updateVersion('demo', 'workers', { version, releaseVersion, launchTemplate, force: true }, write)
  await groups.describeUpdate('demo', 'workers', 'u-1', read)
  await groups.listUpdates('demo', 'workers', read)
  await groups.delete('demo', 'workers', read)
  await groups.tag('arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/1', { a: 'b' }, read)
  await groups.untag('arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/1', ['a'], read)
  await createClusters({ call }).describe('demo', read)
  const scaling = createScalingGroups({ call, clock })
  await scaling.describe(['g'], read)
  await scaling.ofCluster('demo', { signal, maxAgeMs: 0 })
  await scaling.activities('g', read)
  await scaling.terminate('i-1', { group: 'g', decrement: true, signal })
  await scaling.setDesiredCapacity('g', 1, read)
  await scaling.protect('g', ['i-1'], { protected: true, signal })
  await scaling.suspend('g', ['AZRebalance'], read)
  await scaling.resume('g', ['AZRebalance'], read)
  await scaling.tag('g', { a: 'b' }, read)
  await scaling.untag('g', ['a'], read)
  await createIdentity({ call }).get(read)
  const sessions = createRoleSessions({ call })
  await expect(sessions.assume({ roleArn: creation.nodeRoleArn, externalId: 'e' }, read)).rejects.toThrow('without credentials')
  return requests
}

it("every request that we make has all that the SDK's model requires, and nothing that it does not know", async () => {
  const requests = await allRequests()
  expect([...new Set(requests.map(({ action }) => action))].toSorted()).toEqual(Object.keys(permissions).toSorted())
  const wrong = requests.flatMap(({ action, input }) => {
    const model = modelOf(action)
    return missing(input, model)
      .map((path) => `${action}${path}: missing`)
      .concat(strangers(input, model).map((path) => `${action}${path}: unknown`))
  })
  expect(wrong).toEqual([])
})

it('the check finds what is missing, also inside', () => {
  const tags = modelOf('autoscaling:CreateOrUpdateTags')
  expect(missing({ Tags: [{ Value: 'v', Colour: 'red' }] }, tags)).toEqual(['.Tags[0].Key'])
  expect(strangers({ Tags: [{ Value: 'v', Colour: 'red' }] }, tags)).toEqual(['.Tags[0].Colour'])
  expect(missing({ clusterName: 'demo' }, modelOf('eks:CreateNodegroup'))).toEqual(['.nodegroupName', '.subnets', '.nodeRole'])
})

interface Schema {
  readonly properties?: Readonly<Record<string, object>>
  readonly required?: readonly string[]
  readonly items?: object
}

/** Where an input of the simulator and the SDK's model differ in members or in what is required; what the simulator does not model it refuses. */
function differences(ours: Schema, model: Shape, path: string): readonly string[] {
  if (ours.items !== undefined) return differences(ours.items, memberOf(model), `${path}[]`)
  const structure = structureOf(model)
  if (ours.properties === undefined || structure === undefined) return []
  return Object.entries(ours.properties).flatMap(([name, inner]) => {
    const here = `${path}.${name}`
    if (!structure.members.has(name)) return [`${here}: not in the model`]
    const [isRequired, asks] = [structure.required.includes(name), ours.required?.includes(name) === true]
    const within = differences(inner, structure.members.get(name), here)
    return isRequired === asks ? within : within.concat(`${here}: required by the ${isRequired ? 'model' : 'simulator'} alone`)
  })
}

const inputs: readonly (readonly [Schema, AwsAction])[] = [
  [createNodegroupInput, 'eks:CreateNodegroup'],
  [updateNodegroupConfigInput, 'eks:UpdateNodegroupConfig'],
  [updateNodegroupVersionInput, 'eks:UpdateNodegroupVersion'],
]

/** The model says it in words: "If you use this, you must specify all the values" (EKS API Reference, NodeRepairConfigOverrides). */
const override = ['nodeMonitoringCondition', 'nodeUnhealthyReason', 'minRepairWaitTimeMins', 'repairAction']
const deliberate = ['eks:CreateNodegroup', 'eks:UpdateNodegroupConfig'].flatMap((action) =>
  override.map((name) => `${action}.nodeRepairConfig.nodeRepairConfigOverrides[].${name}: required by the simulator alone`),
)

it("the simulator takes what EKS' model has, and requires what it requires", () => {
  expect(inputs.flatMap(([ours, action]) => differences(ours, modelOf(action), action)).toSorted()).toEqual(deliberate.toSorted())
})
