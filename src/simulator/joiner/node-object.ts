import { createHash } from 'node:crypto'
import { instanceTypes, type InstanceType } from '../ec2/instance-types.ts'
import type { Region } from '../region.ts'
import type { Cluster, Instance, Nodegroup } from '../state.ts'
import { configAnnotation, configText, nodeTaints } from './node-config.ts'

/** By this kwok knows that it may play the kubelet, and we that a Node is not a real machine. */
export const kwokAnnotation = 'kwok.x-k8s.io/node'
/** Its values: `fake` is kwok's; a `broken` one is left alone. */
export const kwokValues = { fake: 'fake', broken: 'broken' } as const
/** Whose instance a Node is: `account/region/cluster`. What does not carry it was not joined by a simulator. */
export const placeAnnotation = 'simulator.tidegate.io/place'

export function placeOf(region: Region, cluster: string): string {
  return `${region.account.id}/${region.name}/${cluster}`
}

export function providerId(instance: Instance): string {
  return `aws:///${instance.zone}/${instance.id}`
}

/**
 * What a kubelet on this instance registers: labels, taints and provider id as EKS' AL2023 images give them, and its status in the same write
 * (kubernetes pkg/kubelet/kubelet_node_status.go, `initialNode`).
 */
export function nodeObject(region: Region, cluster: Cluster, nodegroup: Nodegroup, instance: Instance): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: instance.privateDnsName,
      labels: nodeLabels(region, nodegroup, instance),
      annotations: {
        [kwokAnnotation]: kwokValues.fake,
        [placeAnnotation]: placeOf(region, cluster.name),
        [configAnnotation]: configText(nodegroup),
        'alpha.kubernetes.io/provided-node-ip': instance.privateIp,
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: { providerID: providerId(instance), ...(nodegroup.taints.length === 0 ? {} : { taints: nodeTaints(nodegroup) }) },
    status: nodeStatus(instance),
  }
}

/** kwok keeps it, and adds the conditions. */
export function nodeStatus(instance: Instance): object {
  const type = instanceTypes.get(instance.type)
  const digits = createHash('sha256').update(instance.id).digest('hex')
  return {
    ...(type === undefined ? {} : { capacity: capacity(type), allocatable: allocatable(type) }),
    addresses: [
      { type: 'InternalIP', address: instance.privateIp },
      { type: 'InternalDNS', address: instance.privateDnsName },
      { type: 'Hostname', address: instance.privateDnsName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: type?.architecture === 'arm64' ? 'arm64' : 'amd64',
      operatingSystem: 'linux',
      bootID: uuid(digits),
      machineID: `ec2${digits.slice(3, 32)}`,
      systemUUID: `ec2${digits.slice(3, 8)}-${uuid(digits).slice(9)}`,
      kernelVersion: '6.18.5-12.amzn2023.x86_64',
      osImage: 'Amazon Linux 2023.9.20260714',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: `v${instance.kubernetesVersion}.2-eks-${digits.slice(0, 7)}`,
      // the API server demands the member although kubelets leave it empty since 1.33
      kubeProxyVersion: '',
    },
  }
}

function nodeLabels(region: Region, nodegroup: Nodegroup, instance: Instance): Readonly<Record<string, string>> {
  const type = instanceTypes.get(instance.type)
  const arch = type?.architecture === 'arm64' ? 'arm64' : 'amd64'
  const template = instance.sourceTemplate
  return {
    ...nodegroup.labels,
    'beta.kubernetes.io/arch': arch,
    'beta.kubernetes.io/instance-type': instance.type,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': arch,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': instance.privateDnsName,
    'node.kubernetes.io/instance-type': instance.type,
    'k8s.io/cloud-provider-aws': createHash('md5').update(nodegroup.cluster).digest('hex'),
    'failure-domain.beta.kubernetes.io/region': region.name,
    'failure-domain.beta.kubernetes.io/zone': instance.zone,
    'topology.kubernetes.io/region': region.name,
    'topology.kubernetes.io/zone': instance.zone,
    'topology.k8s.aws/zone-id': region.subnets.get(instance.subnetId)?.zoneId ?? '',
    'eks.amazonaws.com/capacityType': nodegroup.capacityType,
    'eks.amazonaws.com/nodegroup': nodegroup.name,
    'eks.amazonaws.com/nodegroup-image': instance.imageId,
    ...(template === undefined
      ? {}
      : { 'eks.amazonaws.com/sourceLaunchTemplateId': template.id, 'eks.amazonaws.com/sourceLaunchTemplateVersion': template.version }),
  }
}

/**
 * What the machine has. No `nvidia.com/gpu` and no `vpc.amazonaws.com/efa`, also on types that have such devices: those appear through a device
 * plugin's pod on the node (aws-rules G8), and a node that had them from the start would hide a missing plugin.
 */
function capacity(type: InstanceType): Readonly<Record<string, string>> {
  return {
    cpu: String(type.vcpus),
    // the kernel keeps a little for itself: about 1.5 % and 160 MiB on EC2
    memory: `${Math.floor((type.memoryMiB * 0.985 - 160) * 1024)}Ki`,
    pods: String(maxPods(type)),
    'ephemeral-storage': '20893676Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  }
}

/** Capacity without what nodeadm reserves (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go). */
function allocatable(type: InstanceType): Readonly<Record<string, string>> {
  const reservedMiB = 255 + 11 * maxPods(type) + 100
  return {
    ...capacity(type),
    cpu: `${type.vcpus * 1000 - reservedMillicores(type.vcpus)}m`,
    memory: `${Math.floor((type.memoryMiB * 0.985 - 160 - reservedMiB) * 1024)}Ki`,
    'ephemeral-storage': '18181869946',
  }
}

/** 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. */
function reservedMillicores(vcpus: number): number {
  const steps = [60, 10, 5, 5]
  return Array.from({ length: vcpus }, (_, core) => steps[core] ?? 2.5).reduce((sum, part) => sum + part, 0)
}

/** By interfaces and addresses of the VPC CNI, capped as EKS does: 110 below 30 vCPUs, else 250. */
function maxPods(type: InstanceType): number {
  return Math.min(type.interfaces * (type.addressesPerInterface - 1) + 2, type.vcpus < 30 ? 110 : 250)
}

function uuid(digits: string): string {
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20, 32)].join('-')
}
