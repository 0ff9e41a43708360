import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readScenario } from '../scenario/scenario.ts'
import { ServiceError } from '../service-error.ts'
import { testRegion } from '../test-region.ts'
import { createNodegroup } from './create-nodegroup.ts'
import { creationFault, updatedNumbers } from './rules.ts'
import type { CreateNodegroupInput } from './schemas.ts'

const subnet = 'subnet-0a1b2c3d4e5f60001'
const nodeRole = 'arn:aws:iam::111122223333:role/demo-node'
const good: CreateNodegroupInput = { clusterName: 'demo', nodegroupName: 'workers', subnets: [subnet], nodeRole }

const refused: Readonly<Record<string, readonly [change: Partial<CreateNodegroupInput>, code: string, message: string]>> = {
  'a name of 64 characters': [{ nodegroupName: 'a'.repeat(64) }, 'InvalidParameterException', 'at most 63 characters'],
  'a name that begins with a hyphen': [{ nodegroupName: '-a' }, 'InvalidParameterException', 'must start with a letter or digit'],
  'two of the three sizes': [{ scalingConfig: { minSize: 1, maxSize: 2 } }, 'InvalidParameterException', 'desiredSize is not valid'],
  'a minimum above the number': [
    { scalingConfig: { minSize: 2, maxSize: 3, desiredSize: 1 } },
    'InvalidParameterException',
    "minSize can't be greater than desiredSize",
  ],
  'a number above the maximum': [
    { scalingConfig: { minSize: 0, maxSize: 3, desiredSize: 4 } },
    'InvalidParameterException',
    "desiredSize can't be greater than maxSize",
  ],
  'more nodes than the quota': [{ scalingConfig: { minSize: 0, maxSize: 500, desiredSize: 451 } }, 'ResourceLimitExceededException', '450 nodes'],
  'a taint without effect': [{ taints: [{ key: 'a' }] }, 'InvalidParameterException', 'taint key and effect'],
  'both ways to bound an update': [{ updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 1 } }, 'InvalidParameterException', 'cannot be set together'],
  'a version that is not the cluster’s': [{ version: '1.30' }, 'InvalidParameterException', 'does not match the cluster version 1.36'],
  'no subnet': [{ subnets: [] }, 'InvalidParameterException', 'Subnets cannot be empty'],
  'a subnet that is not there': [{ subnets: [subnet, 'subnet-0dead'] }, 'InvalidParameterException', "The subnet ID 'subnet-0dead' does not exist"],
  'an instance type of no EC2': [{ instanceTypes: ['m99.huge'] }, 'InvalidParameterException', 'do not exist: [m99.huge]'],
  'a role that is not there': [
    { nodeRole: 'arn:aws:iam::111122223333:role/nobody' },
    'InvalidParameterException',
    'The role with name nobody cannot be found.',
  ],
  'a role of another account': [{ nodeRole: 'arn:aws:iam::999900001111:role/demo-node' }, 'InvalidParameterException', 'cannot be found'],
  'a role that EC2 may not assume': [
    { nodeRole: 'arn:aws:iam::111122223333:role/demo-cluster' },
    'InvalidParameterException',
    'trust relationships of nodeRole',
  ],
  'a template by id and by name': [
    { launchTemplate: { id: 'lt-0', name: 'n' } },
    'InvalidParameterException',
    'Either provide launch template ID or launch template name',
  ],
  'a template that is not there': [{ launchTemplate: { id: 'lt-0' } }, 'InvalidParameterException', 'lt-0 does not exist'],
}

describe('creationFault', () => {
  it('lets a plain group pass', () => {
    const { region, cluster } = testRegion()
    expect(creationFault(region, cluster, good)).toBeUndefined()
  })

  it.each(Object.entries(refused))('refuses %s', (_what, [change, code, message]) => {
    const { region, cluster } = testRegion()
    const fault = creationFault(region, cluster, { ...good, ...change })
    expect(fault).toMatchObject({ code, message: expect.stringContaining(message) as string })
  })

  it('refuses a second group of the same name', () => {
    const { region, cluster } = testRegion()
    createNodegroup(region, cluster, good)
    expect(creationFault(region, cluster, good)).toMatchObject({ code: 'ResourceInUseException', status: 409 })
  })

  it('follows the scenario: quota, cluster status, and the bans for launch templates', async () => {
    const scenario = await readScenario(join(import.meta.dirname, '../scenarios/short-of-addresses.yaml'))
    const { region, cluster } = testRegion(scenario)
    const here: CreateNodegroupInput = {
      clusterName: 'training',
      nodegroupName: 'a',
      subnets: ['subnet-0b000000000000001'],
      nodeRole: 'arn:aws:iam::444455556666:role/eks/nodes',
    }
    expect(creationFault(region, cluster, { ...here, launchTemplate: { name: 'with-a-subnet', version: '1' } })?.message).toContain(
      'should not specify a subnet',
    )
    expect(creationFault(region, cluster, { ...here, launchTemplate: { name: 'with-a-subnet', version: '2' }, diskSize: 10 })?.message).toContain('Disk size')
    expect(creationFault(region, cluster, { ...here, launchTemplate: { name: 'with-a-subnet', version: '2' } })).toBeUndefined()
    const updating = region.clusters.get('updating')
    if (updating === undefined) throw new Error('no cluster')
    expect(creationFault(region, updating, here)).toMatchObject({ code: 'InvalidRequestException' })
    createNodegroup(region, cluster, here)
    createNodegroup(region, cluster, { ...here, nodegroupName: 'b' })
    expect(creationFault(region, cluster, { ...here, nodegroupName: 'c' })).toMatchObject({ code: 'ResourceLimitExceededException' })
  })
})

describe('updatedNumbers', () => {
  const now = { minSize: 1, maxSize: 5, desiredSize: 2 }
  const { region } = testRegion()
  const cases: Readonly<Record<string, readonly [asked: object, result: object]>> = {
    'what is left out stays': [{ desiredSize: 3 }, { minSize: 1, maxSize: 5, desiredSize: 3 }],
    'a minimum above the present number is refused': [{ minSize: 3 }, { message: "Minimum capacity 3 can't be greater than desired size 2" }],
    'a maximum below the present number is refused': [{ maxSize: 1 }, { message: "desired capacity 2 can't be greater than max size 1" }],
    'all three can move at once': [
      { minSize: 6, maxSize: 8, desiredSize: 7 },
      { minSize: 6, maxSize: 8, desiredSize: 7 },
    ],
  }
  it.each(Object.entries(cases))('%s', (_sentence, [asked, result]) => {
    const answer = updatedNumbers(region, now, asked)
    expect(answer instanceof ServiceError ? { message: answer.message } : answer).toEqual(result)
  })
})
