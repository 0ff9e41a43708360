import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from '@aws-sdk/client-ec2'
import { CreateNodegroupCommand, DescribeNodegroupCommand, DescribeUpdateCommand, EKSClient, UpdateNodegroupVersionCommand } from '@aws-sdk/client-eks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nodeRole, type SimulatedAws, startSimulatedAws, subnets } from './simulated-aws.ts'

let aws: SimulatedAws
let account = 620_000_000_000
let ec2: EC2Client
let eks: EKSClient

beforeAll(async () => {
  aws = await startSimulatedAws()
})
afterAll(async () => {
  await aws.simulator.close()
})
beforeEach(() => {
  account += 1
  ec2 = new EC2Client(aws.clientConfig(String(account)))
  eks = new EKSClient(aws.clientConfig(String(account)))
})

const LaunchTemplateName = 'gpu'
const group = { clusterName: 'demo', nodegroupName: 'workers' }
const rich: RequestLaunchTemplateData = {
  InstanceType: 'p5en.48xlarge',
  UserData: 'dXNlcg==',
  NetworkInterfaces: [
    { DeviceIndex: 0, NetworkCardIndex: 0, InterfaceType: 'interface', Groups: ['sg-01', 'sg-02'] },
    { DeviceIndex: 0, NetworkCardIndex: 1, InterfaceType: 'efa-only', Groups: ['sg-01'] },
  ],
  BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 200, VolumeType: 'gp3', Encrypted: true } }],
  TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
  MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
}

async function create(LaunchTemplateData: RequestLaunchTemplateData, ClientToken?: string): Promise<string> {
  const { LaunchTemplate } = await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData, ClientToken }))
  return LaunchTemplate?.LaunchTemplateId ?? ''
}

function nodegroup(version: string, more: object = {}): CreateNodegroupCommand {
  const scalingConfig = { minSize: 0, maxSize: 5, desiredSize: 0 }
  const launchTemplate = { name: LaunchTemplateName, version }
  return new CreateNodegroupCommand({ ...group, subnets, nodeRole: nodeRole(String(account)), scalingConfig, launchTemplate, ...more })
}

describe('launch templates through EC2’s own SDK', () => {
  it('give back what they were given', async () => {
    await create(rich)
    await aws.advance(2)
    const { LaunchTemplateVersions } = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ['$Latest'] }))
    expect(LaunchTemplateVersions?.[0]?.LaunchTemplateData).toMatchObject(rich)
  })

  it('cannot be read for a moment after they were made', async () => {
    const id = await create(rich)
    const read = async (): Promise<unknown> => await ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [id] }))
    await expect(read()).rejects.toMatchObject({ name: 'InvalidLaunchTemplateId.NotFound' })
    await expect(eks.send(nodegroup('1', { instanceTypes: undefined }))).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await aws.advance(2)
    expect(await read()).toMatchObject({ LaunchTemplates: [{ LaunchTemplateName, LatestVersionNumber: 1, DefaultVersionNumber: 1 }] })
    const { LaunchTemplateVersion } = await ec2.send(
      new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: { ImageId: 'ami-01' } }),
    )
    expect(LaunchTemplateVersion).toMatchObject({ VersionNumber: 2, DefaultVersion: false, LaunchTemplateData: { ImageId: 'ami-01' } })
    expect(await read()).toMatchObject({ LaunchTemplates: [{ LatestVersionNumber: 1 }] })
    await aws.advance(2)
    expect(await read()).toMatchObject({ LaunchTemplates: [{ LatestVersionNumber: 2 }] })
  })

  it('are made once per token, inherit by SourceVersion, and move their default', async () => {
    const id = await create(rich, 'token')
    expect(await create(rich, 'token')).toBe(id)
    await expect(create(rich, 'another')).rejects.toMatchObject({ name: 'InvalidLaunchTemplateName.AlreadyExistsException' })
    await aws.advance(2)
    const command = new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: id,
      SourceVersion: '1',
      LaunchTemplateData: { UserData: 'bg==' },
      ClientToken: 'v2',
    })
    const first = await ec2.send(command)
    expect(first.LaunchTemplateVersion?.LaunchTemplateData).toMatchObject({ InstanceType: 'p5en.48xlarge', UserData: 'bg==' })
    expect((await ec2.send(command)).LaunchTemplateVersion?.VersionNumber).toBe(2)
    const { LaunchTemplate } = await ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }))
    expect(LaunchTemplate?.DefaultVersionNumber).toBe(2)
    await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }))
    expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toEqual([])
  })
})

const bans: Readonly<Record<string, readonly [data: RequestLaunchTemplateData, more: object, message: string]>> = {
  'a subnet': [{ NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnets[0] }] }, {}, 'should not specify a subnet'],
  'an instance profile': [{ IamInstanceProfile: { Name: 'p' } }, {}, 'should not specify an instance profile'],
  'Spot market options': [{ InstanceMarketOptions: { MarketType: 'spot' } }, {}, 'should not specify Spot market options'],
  hibernation: [{ HibernationOptions: { Configured: true } }, {}, 'should not specify hibernation options'],
  'shutdown behaviour': [{ InstanceInitiatedShutdownBehavior: 'terminate' }, {}, 'should not specify instance initiated shutdown behavior'],
  'a disk size beside it': [{ UserData: 'eA==' }, { diskSize: 50 }, 'Disk size must be specified within the launch template'],
  'instance types in both places': [
    { InstanceType: 'm6i.large' },
    { instanceTypes: ['m6i.large'] },
    'Cannot specify instance types in launch template and API request',
  ],
  'an AMI and a version': [{ ImageId: 'ami-01' }, { version: '1.36' }, 'cannot specify an image id within the launch template and also specify'],
  'an AMI and an AMI type': [{ ImageId: 'ami-01' }, { amiType: 'AL2023_x86_64_STANDARD' }, 'cannot specify an image id within the launch template'],
  'groups in two places': [
    { SecurityGroupIds: ['sg-01'], NetworkInterfaces: [{ DeviceIndex: 0, Groups: ['sg-01'] }] },
    {},
    'Network interfaces and an instance-level security groups',
  ],
  'a capacity block without its market type': [{ InstanceType: 'p5en.48xlarge' }, { capacityType: 'CAPACITY_BLOCK' }, 'market type capacity-block'],
}

describe('EKS refuses a launch template with', () => {
  it.each(Object.entries(bans))('%s', async (_what, [data, more, message]) => {
    await create(data)
    await aws.advance(2)
    await expect(eks.send(nodegroup('1', more))).rejects.toThrow(message)
  })
})

describe('a version update through EKS’ own SDK', () => {
  it('moves a group to another template version and says how it went', async () => {
    const id = await create({ InstanceType: 'm6i.large', ImageId: 'ami-01' })
    await aws.advance(2)
    await eks.send(nodegroup('1'))
    await aws.advance(60)
    await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: { InstanceType: 'm6i.large', ImageId: 'ami-02' } }))
    await aws.advance(2)
    await expect(eks.send(new UpdateNodegroupVersionCommand(group))).rejects.toThrow("Launch template details can't be null for Custom ami type node group")
    const { update } = await eks.send(new UpdateNodegroupVersionCommand({ ...group, launchTemplate: { id, version: '2' } }))
    expect(update).toMatchObject({ status: 'InProgress', type: 'VersionUpdate' })
    expect(update?.params).toContainEqual({ type: 'LaunchTemplateVersion', value: '2' })
    expect((await eks.send(new DescribeNodegroupCommand(group))).nodegroup?.status).toBe('UPDATING')
    await expect(eks.send(new UpdateNodegroupVersionCommand({ ...group, launchTemplate: { id, version: '2' }, force: true }))).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: 'Nodegroup cannot be updated as it is currently not in Active State',
    })
    await aws.advance(60)
    expect((await eks.send(new DescribeUpdateCommand({ name: 'demo', nodegroupName: 'workers', updateId: update?.id }))).update).toMatchObject({
      status: 'Successful',
      errors: [],
    })
    expect((await eks.send(new DescribeNodegroupCommand(group))).nodegroup).toMatchObject({
      amiType: 'CUSTOM',
      releaseVersion: 'ami-02',
      launchTemplate: { id, name: LaunchTemplateName, version: '2' },
    })
  })
})
