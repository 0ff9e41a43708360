import { ec2Id } from '../ids.ts'
import type { Region } from '../region.ts'
import type { Instance, ScalingGroup } from '../state.ts'

/** Why an instance could not be launched: EC2's code, and the text that Auto Scaling puts into its activity. */
export interface LaunchFailure {
  readonly code: string
  readonly message: string
}

/** Launches one instance for a group in a zone, or says why not. An address of the subnet is taken until the instance is gone. */
export function launchInstance(region: Region, group: ScalingGroup, zone: string): Instance | LaunchFailure {
  const subnet = group.subnetIds.map((id) => region.subnets.get(id)).find((candidate) => candidate?.zone === zone)
  if (subnet === undefined) return { code: 'InvalidSubnetID.NotFound', message: `The subnet of zone ${zone} does not exist. Launching EC2 instance failed.` }
  const type = typeWithCapacity(region, group, zone)
  if (typeof type !== 'string') return type
  if (subnet.freeAddresses < 1) {
    return {
      code: 'InsufficientFreeAddressesInSubnet',
      message: `There are not enough free addresses in subnet '${subnet.id}' to satisfy the requested number of instances. Launching EC2 instance failed.`,
    }
  }
  subnet.freeAddresses -= 1
  const privateIp = hostAddress(subnet.cidrBlock, subnet.nextHost)
  subnet.nextHost += 1
  const instance: Instance = {
    id: ec2Id(region.random, 'i'),
    type,
    zone,
    subnetId: subnet.id,
    privateIp,
    privateDnsName: `ip-${privateIp.replaceAll('.', '-')}.${region.name}.compute.internal`,
    launchedAt: region.clock.now(),
    imageId: group.software.imageId,
    kubernetesVersion: group.software.kubernetesVersion,
    sourceTemplate: group.software.sourceTemplate,
    tags: { ...propagated(group), 'aws:autoscaling:groupName': group.name },
    scalingGroup: group.name,
    templateVersion: group.templateVersion,
    state: 'pending',
    lifecycle: 'Pending',
    protectedFromScaleIn: false,
    joined: false,
    health: 'Healthy',
    cordoned: false,
    drain: undefined,
    trouble: undefined,
  }
  region.instances.set(instance.id, instance)
  return instance
}

function propagated({ tags, localTags }: ScalingGroup): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !localTags.has(key)))
}

/** The first of the group's types that EC2 has in this zone (`prioritized`, aws-eks.md §3.2), or the refusal of the last one. */
function typeWithCapacity(region: Region, group: ScalingGroup, zone: string): string | LaunchFailure {
  let refusal: LaunchFailure = { code: 'InvalidInstanceType', message: 'The group has no instance type. Launching EC2 instance failed.' }
  for (const type of group.software.instanceTypes) {
    const fault = region.faults.noCapacity(region.account.id, type, zone)
    if (fault === undefined) return type
    refusal = { code: 'InsufficientInstanceCapacity', message: fault.message ?? noCapacityText(type, zone, group.zones) }
  }
  return refusal
}

/** EC2's own words, as users quote them (skypilot, eksctl and CloudFormation logs). */
function noCapacityText(type: string, zone: string, zones: readonly string[]): string {
  const others = zones.filter((other) => other !== zone)
  const elsewhere = others.length === 0 ? '' : ` or choosing ${others.join(', ')}`
  return (
    `Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient ${type} capacity in the Availability Zone ` +
    `you requested (${zone}). Our system will be working on provisioning additional capacity. You can currently get ${type} capacity by not specifying ` +
    `an Availability Zone in your request${elsewhere}. Launching EC2 instance failed.`
  )
}

/** `host` counted from the network's address, as in `10.0.32.0/19` + 4 = `10.0.32.4`. */
function hostAddress(cidrBlock: string, host: number): string {
  const [a = 10, b = 0, c = 0] = cidrBlock.split(/[./]/).map(Number)
  // wraps inside the /19: an account that launches more than 8,000 instances in one subnet meets its first addresses again
  const wrapped = host % 8188
  return [a, b, c + Math.floor(wrapped / 256), wrapped % 256].join('.')
}
