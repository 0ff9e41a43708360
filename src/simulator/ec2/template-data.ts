import { namedList } from '../wire/xml.ts'

/**
 * Launch template data has three spellings: lists are singular in a request's form (`NetworkInterface.1.SubnetId`), end in `Set` in an answer
 * (`networkInterfaceSet`), and are plural for people and here (service model, RequestLaunchTemplateData and ResponseLaunchTemplateData).
 */
const lists: readonly (readonly [request: string, plural: string, answer: string])[] = [
  ['BlockDeviceMapping', 'BlockDeviceMappings', 'blockDeviceMappingSet'],
  ['NetworkInterface', 'NetworkInterfaces', 'networkInterfaceSet'],
  ['TagSpecification', 'TagSpecifications', 'tagSpecificationSet'],
  ['Tag', 'Tags', 'tagSet'],
  ['SecurityGroupId', 'SecurityGroupIds', 'securityGroupIdSet'],
  ['SecurityGroup', 'SecurityGroups', 'securityGroupSet'],
  ['LicenseSpecification', 'LicenseSpecifications', 'licenseSet'],
  ['ElasticGpuSpecification', 'ElasticGpuSpecifications', 'elasticGpuSpecificationSet'],
  ['ElasticInferenceAccelerator', 'ElasticInferenceAccelerators', 'elasticInferenceAcceleratorSet'],
  ['Ipv4Prefix', 'Ipv4Prefixes', 'ipv4PrefixSet'],
  ['Ipv6Prefix', 'Ipv6Prefixes', 'ipv6PrefixSet'],
  ['Ipv6Addresses', 'Ipv6Addresses', 'ipv6AddressesSet'],
  ['PrivateIpAddresses', 'PrivateIpAddresses', 'privateIpAddressesSet'],
]
const plurals = new Map(lists.map(([request, plural]) => [request, plural]))
const answers = new Map(lists.map(([, plural, answer]) => [plural, answer]))

type Data = Readonly<Record<string, unknown>>

/** From a request's form. */
export function fromRequest(data: Data): Data {
  return spelled(data, (name, within) => (within === 'NetworkInterfaces' && name === 'SecurityGroupId' ? 'Groups' : (plurals.get(name) ?? name))) as Data
}

/** For an answer's XML. */
export function toAnswer(data: Data): Data {
  return spelled(data, (name) => answers.get(name) ?? `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, toGroupSet) as Data
}

/** An interface's groups are the one list whose items are not called `item`. */
function toGroupSet(name: string, value: unknown): readonly [string, unknown] | undefined {
  return name === 'Groups' && Array.isArray(value) ? ['groupSet', namedList('groupId', value)] : undefined
}

function spelled(
  value: unknown,
  rename: (name: string, within: string) => string,
  special: (name: string, value: unknown) => readonly [string, unknown] | undefined = () => undefined,
  within = '',
): unknown {
  if (Array.isArray(value)) return value.map((item) => spelled(item, rename, special, within))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const next = rename(name, within)
      return special(name, member) ?? [next, spelled(member, rename, special, plurals.get(name) ?? next)]
    }),
  )
}
