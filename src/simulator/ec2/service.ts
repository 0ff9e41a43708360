import Type from 'typebox'
import { ServiceError } from '../service-error.ts'
import type { Instance, Subnet } from '../state.ts'
import { ec2Query } from '../wire/ec2-query.ts'
import { operation } from '../wire/operation.ts'
import type { Service } from '../wire/protocol.ts'
import { applyFilters, byIds, ec2Page, type Filterable, filterMembers } from './filters.ts'
import { type InstanceType, instanceTypes } from './instance-types.ts'
import { loseInstance } from './lose-instance.ts'
import { templateOperations } from './templates.ts'
import { instanceTypeView, instanceView, stateView, subnetView } from './views.ts'

const closed = { additionalProperties: false } as const
const ids = Type.Optional(Type.Array(Type.String()))

const subnetFilters: Filterable<Subnet> = {
  'subnet-id': ({ id }) => [id],
  'vpc-id': ({ vpcId }) => [vpcId],
  'availability-zone': ({ zone }) => [zone],
  'availability-zone-id': ({ zoneId }) => [zoneId],
  state: () => ['available'],
}

const instanceFilters: Filterable<Instance> = {
  'instance-id': ({ id }) => [id],
  'instance-state-name': ({ state }) => [state],
  'instance-type': ({ type }) => [type],
  'availability-zone': ({ zone }) => [zone],
  'subnet-id': ({ subnetId }) => [subnetId],
  'private-dns-name': ({ privateDnsName }) => [privateDnsName],
  'tag:': ({ tags }, key) => (tags[key] === undefined ? [] : [tags[key]]),
  'tag-key': ({ tags }) => Object.keys(tags),
}

const typeFilters: Filterable<InstanceType> = {
  'instance-type': ({ name }) => [name],
  'processor-info.supported-architecture': ({ architecture }) => [architecture],
}

const describeSubnets = operation('DescribeSubnets', 'read', Type.Object({ SubnetId: ids, ...filterMembers }, closed), (input, { region }) => {
  const found = applyFilters(byIds(region.subnets, input.SubnetId, 'InvalidSubnetID.NotFound', 'subnet ID'), input.Filter ?? [], subnetFilters)
  const { items, nextToken } = ec2Page(found, input, region.scenario.quotas)
  return { subnetSet: items.map((subnet) => subnetView(region, subnet)), nextToken }
})

const describeInstances = operation('DescribeInstances', 'read', Type.Object({ InstanceId: ids, ...filterMembers }, closed), (input, { region }) => {
  const found = applyFilters(byIds(region.instances, input.InstanceId, 'InvalidInstanceID.NotFound', 'instance ID'), input.Filter ?? [], instanceFilters)
  const { items, nextToken } = ec2Page(found, input, region.scenario.quotas)
  return {
    reservationSet: items.map((instance) => ({
      reservationId: `r-${instance.id.slice(2)}`,
      ownerId: region.account.id,
      groupSet: [],
      instancesSet: [instanceView(region, instance)],
    })),
    nextToken,
  }
})

const describeInstanceTypes = operation('DescribeInstanceTypes', 'read', Type.Object({ InstanceType: ids, ...filterMembers }, closed), (input, { region }) => {
  const unknown = (input.InstanceType ?? []).filter((name) => !instanceTypes.has(name))
  if (unknown.length > 0) throw new ServiceError('InvalidInstanceType', 400, `The following supplied instance types do not exist: [${unknown.join(', ')}]`)
  const found = applyFilters(byIds(instanceTypes, input.InstanceType, 'InvalidInstanceType', 'instance type'), input.Filter ?? [], typeFilters)
  const { items, nextToken } = ec2Page(found, { ...input, MaxResults: Math.min(input.MaxResults ?? 100, 100) }, region.scenario.quotas)
  return { instanceTypeSet: items.map(instanceTypeView), nextToken }
})

const describeZones = operation(
  'DescribeAvailabilityZones',
  'read',
  Type.Object({ ZoneName: ids, DryRun: filterMembers.DryRun }, closed),
  (input, { region }) => {
    const zones = new Map([...region.subnets.values()].map(({ zone, zoneId }) => [zone, zoneId]))
    const wanted = [...zones].filter(([zone]) => input.ZoneName === undefined || input.ZoneName.includes(zone))
    return {
      availabilityZoneInfo: wanted.map(([zoneName, zoneId]) => ({
        zoneName,
        zoneId,
        zoneState: 'available',
        regionName: region.name,
        zoneType: 'availability-zone',
        optInStatus: 'opt-in-not-required',
      })),
    }
  },
)

const terminateInstances = operation(
  'TerminateInstances',
  'write',
  Type.Object({ InstanceId: Type.Array(Type.String(), { minItems: 1 }), DryRun: filterMembers.DryRun }, closed),
  (input, { region }) => {
    const found = byIds(region.instances, input.InstanceId, 'InvalidInstanceID.NotFound', 'instance ID')
    return {
      instancesSet: found.map((instance) => {
        const before = instance.state
        loseInstance(region, instance)
        return { instanceId: instance.id, currentState: stateView(instance.state), previousState: stateView(before) }
      }),
    }
  },
)

/** Amazon EC2: what a node group stands on and what it launched. */
export const ec2: Service = {
  name: 'ec2',
  protocol: ec2Query([describeSubnets, describeInstances, describeInstanceTypes, describeZones, terminateInstances, ...templateOperations]),
}
