import type { Region } from '../region.ts'
import type { Instance, LaunchTemplate, LaunchTemplateVersion, Subnet } from '../state.ts'
import { tagSet } from './filters.ts'
import { toAnswer } from './template-data.ts'
import { visibleVersions } from './visible.ts'
import { type InstanceType, instanceTypes } from './instance-types.ts'

/** EC2's members as they stand in its XML: lower camel case, lists ending in `Set`. */
export function subnetView(region: Region, subnet: Subnet): object {
  return {
    subnetId: subnet.id,
    subnetArn: `arn:aws:ec2:${region.name}:${region.account.id}:subnet/${subnet.id}`,
    state: 'available',
    ownerId: region.account.id,
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidrBlock,
    availableIpAddressCount: subnet.freeAddresses,
    availabilityZone: subnet.zone,
    availabilityZoneId: subnet.zoneId,
    defaultForAz: false,
    mapPublicIpOnLaunch: subnet.public,
    assignIpv6AddressOnCreation: false,
    tagSet: [],
  }
}

const stateCodes = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 } as const

export function stateView(name: Instance['state']): object {
  return { code: stateCodes[name], name }
}

export function instanceView(region: Region, instance: Instance): object {
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceState: stateView(instance.state),
    privateDnsName: instance.privateDnsName,
    instanceType: instance.type,
    launchTime: instance.launchedAt,
    placement: { availabilityZone: instance.zone, tenancy: 'default' },
    monitoring: { state: 'disabled' },
    ...(instance.state === 'terminated'
      ? {}
      : { subnetId: instance.subnetId, vpcId: region.subnets.get(instance.subnetId)?.vpcId, privateIpAddress: instance.privateIp }),
    architecture: instanceTypes.get(instance.type)?.architecture ?? 'x86_64',
    tagSet: tagSet(instance.tags),
  }
}

export function instanceTypeView(type: InstanceType): object {
  const { gpu } = type
  return {
    instanceType: type.name,
    currentGeneration: true,
    supportedUsageClasses: ['on-demand', 'spot'],
    bareMetal: false,
    hypervisor: 'nitro',
    processorInfo: { supportedArchitectures: [type.architecture] },
    vCpuInfo: { defaultVCpus: type.vcpus, defaultCores: Math.max(1, type.vcpus / 2), defaultThreadsPerCore: 2 },
    memoryInfo: { sizeInMiB: type.memoryMiB },
    networkInfo: {
      maximumNetworkInterfaces: type.interfaces,
      maximumNetworkCards: type.networkCards,
      ipv4AddressesPerInterface: type.addressesPerInterface,
      efaSupported: type.maxEfa > 0,
      ...(type.maxEfa > 0 ? { efaInfo: { maximumEfaInterfaces: type.maxEfa } } : {}),
      networkCards: Array.from({ length: type.networkCards }, (_, networkCardIndex) => ({ networkCardIndex, maximumNetworkInterfaces: type.interfaces })),
    },
    ...(gpu === undefined
      ? {}
      : {
          gpuInfo: {
            gpus: [{ name: gpu.name, manufacturer: gpu.manufacturer, count: gpu.count, memoryInfo: { sizeInMiB: gpu.memoryMiB } }],
            totalGpuMemoryInMiB: gpu.count * gpu.memoryMiB,
          },
        }),
  }
}

export function launchTemplateView(region: Region, template: LaunchTemplate): object {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    createTime: template.versions[0]?.createdAt,
    defaultVersionNumber: template.defaultVersion,
    latestVersionNumber: visibleVersions(region, template).latest,
    tagSet: tagSet(template.tags),
  }
}

export function launchTemplateVersionView(template: LaunchTemplate, version: LaunchTemplateVersion): object {
  return {
    launchTemplateId: template.id,
    launchTemplateName: template.name,
    versionNumber: version.version,
    createTime: version.createdAt,
    defaultVersion: version.version === template.defaultVersion,
    launchTemplateData: toAnswer(version.data),
  }
}
