import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { demoScenario } from './demo.ts'
import { parseScenario, readScenario, summarize } from './scenario.ts'

const least = {
  name: 'least',
  account: '111122223333',
  region: 'us-west-2',
  subnets: [{ id: 'subnet-00000001', zone: 'us-west-2a' }],
  clusters: [{ name: 'c', version: '1.36', subnets: ['subnet-00000001'] }],
}

const refused: Readonly<Record<string, readonly [change: object, message: string]>> = {
  'an account that is not 12 digits': [{ account: '12' }, '/account: must match pattern'],
  'a member that nobody knows': [{ colour: 'red' }, '/: must not have additional properties (colour)'],
  'a subnet without a zone': [{ subnets: [{ id: 'subnet-00000001' }] }, '/subnets/0: must have required properties'],
  'a subnet in another region': [{ subnets: [{ id: 'subnet-00000001', zone: 'eu-west-1a' }] }, '/subnets/0/zone: eu-west-1a is not in us-west-2'],
  'a cluster in a subnet that is not there': [
    { clusters: [{ name: 'c', version: '1.36', subnets: ['subnet-00000009'] }] },
    '/clusters/0/subnets: subnet-00000009 is not among /subnets',
  ],
  'a cluster status of no EKS': [
    { clusters: [{ name: 'c', version: '1.36', status: 'FINE', subnets: ['subnet-00000001'] }] },
    '/clusters/0/status: must be equal to one of',
  ],
  'a negative delay': [{ delays: { bootSeconds: -1 } }, '/delays/bootSeconds: must be >= 0'],
}

describe('the scenarios that come with it', async () => {
  const folder = join(import.meta.dirname, '../scenarios')
  it.each(await readdir(folder))('%s can be read, under its own name', async (file) => {
    expect(`${(await readScenario(join(folder, file))).name}.yaml`).toBe(file)
  })
})

describe('parseScenario', () => {
  it.each(Object.entries(refused))('refuses %s with path and rule', (_what, [change, message]) => {
    expect(() => parseScenario({ ...least, ...change })).toThrow(message)
  })

  it('fills in what is left out', () => {
    const { delays, quotas } = parseScenario({ ...least, delays: { bootSeconds: 1 } })
    expect([delays.bootSeconds, delays.numbersLagSeconds, quotas.nodegroupsPerCluster, quotas.nodesPerNodegroup]).toEqual([1, 60, 30, 450])
  })
})

describe('readScenario', () => {
  it('takes the example file', async () => {
    const scenario = await readScenario(join(import.meta.dirname, '../scenarios/short-of-addresses.yaml'))
    expect(summarize(scenario)).toMatchObject({
      account: '444455556666',
      clusters: ['training', 'updating'],
      roleArns: ['arn:aws:iam::444455556666:role/eks/nodes', expect.any(String)],
    })
  })

  it('names the file in its errors', async () => {
    await expect(readScenario('/nowhere/scenario.yaml')).rejects.toThrow('/nowhere/scenario.yaml: ENOENT')
  })
})

it('the built-in scenario has the ids that the documentation names', () => {
  expect(summarize(demoScenario)).toEqual({
    name: 'demo',
    account: '111122223333',
    region: 'us-west-2',
    clusters: ['demo'],
    subnets: [
      { id: 'subnet-0a1b2c3d4e5f60001', zone: 'us-west-2a' },
      { id: 'subnet-0a1b2c3d4e5f60002', zone: 'us-west-2b' },
      { id: 'subnet-0a1b2c3d4e5f60003', zone: 'us-west-2c' },
    ],
    roleArns: ['arn:aws:iam::111122223333:role/demo-node', 'arn:aws:iam::111122223333:role/demo-cluster'],
  })
})
