import { instanceTypes } from '../ec2/instance-types.ts'
import { visibleVersions } from '../ec2/visible.ts'
import type { Region } from '../region.ts'
import type { LaunchTemplateVersion } from '../state.ts'
import type { CreateNodegroupInput } from './schemas.ts'

/** The template and version that an input names, or what is wrong with the reference. */
export function findTemplate(
  region: Region,
  { id, name, version }: { readonly id?: string | undefined; readonly name?: string | undefined; readonly version?: string | undefined },
): { readonly id: string; readonly name: string; readonly version: LaunchTemplateVersion } | string {
  if ((id === undefined) === (name === undefined)) return 'Either provide launch template ID or launch template name in the request.'
  const template = [...region.launchTemplates.values()].find((candidate) => candidate.id === id || candidate.name === name)
  if (template === undefined) return `Launch template ${id ?? name ?? ''} does not exist.`
  const { versions, latest } = visibleVersions(region, template)
  if (versions.length === 0) return `Launch template ${id ?? name ?? ''} does not exist.`
  const number = version === undefined || version === '$Default' ? template.defaultVersion : version === '$Latest' ? latest : Number(version)
  const found = versions.find((candidate) => candidate.version === number)
  return found === undefined ? `Launch template version ${version ?? ''} does not exist.` : { id: template.id, name: template.name, version: found }
}

/** The bans of launch-templates.adoc, and what may not stand in both places (aws-eks.md §1.1). */
export function templateFault(
  data: Readonly<Record<string, unknown>>,
  input: Pick<CreateNodegroupInput, 'diskSize' | 'instanceTypes' | 'amiType' | 'version' | 'releaseVersion' | 'capacityType'>,
): string | undefined {
  const interfaces = (data['NetworkInterfaces'] ?? []) as readonly Readonly<Record<string, unknown>>[]
  const market = (data['InstanceMarketOptions'] as { readonly MarketType?: string } | undefined)?.MarketType
  const bans: readonly (readonly [boolean, string])[] = [
    [interfaces.some(({ SubnetId }) => SubnetId !== undefined), 'Launch template should not specify a subnet in its network interfaces.'],
    [
      data['IamInstanceProfile'] !== undefined,
      'Launch template should not specify an instance profile. The noted launch template includes an instance profile.',
    ],
    [market === 'spot', 'Launch template should not specify Spot market options; use capacityType SPOT.'],
    [data['HibernationOptions'] !== undefined, 'Launch template should not specify hibernation options.'],
    [data['InstanceInitiatedShutdownBehavior'] !== undefined, 'Launch template should not specify instance initiated shutdown behavior.'],
    [input.diskSize !== undefined, 'Disk size must be specified within the launch template.'],
    [input.instanceTypes !== undefined && data['InstanceType'] !== undefined, 'Cannot specify instance types in launch template and API request'],
    [
      data['ImageId'] !== undefined && (input.amiType ?? input.version ?? input.releaseVersion) !== undefined,
      'You cannot specify an image id within the launch template and also specify amiType, version or releaseVersion.',
    ],
    [
      input.capacityType === 'CAPACITY_BLOCK' && market !== 'capacity-block',
      'Launch template must specify the market type capacity-block for capacity type CAPACITY_BLOCK.',
    ],
    [
      input.capacityType === 'CAPACITY_BLOCK' && data['InstanceType'] === undefined,
      'Launch template must specify the instance type for capacity type CAPACITY_BLOCK.',
    ],
    [
      typeof data['InstanceType'] === 'string' && !instanceTypes.has(data['InstanceType']),
      `The following supplied instance types do not exist: [${String(data['InstanceType'])}]`,
    ],
    [
      interfaces.length > 0 && data['SecurityGroupIds'] !== undefined,
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    ],
  ]
  return bans.find(([broken]) => broken)?.[1]
}
