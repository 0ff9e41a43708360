/** What `DescribeInstanceTypes` tells and a node's capacity is computed from. Memory in MiB, as EC2 gives it. */
export interface InstanceType {
  readonly name: string
  readonly vcpus: number
  readonly memoryMiB: number
  readonly architecture: 'x86_64' | 'arm64'
  readonly gpu?: { readonly name: string; readonly manufacturer: string; readonly count: number; readonly memoryMiB: number }
  readonly networkCards: number
  readonly maxEfa: number
  /** Interfaces and addresses on one interface of card 0: what limits pods (amazon-vpc-cni, max-pods by ENI). */
  readonly interfaces: number
  readonly addressesPerInterface: number
}

type Row = readonly [name: string, vcpus: number, memoryGiB: number, interfaces: number, addressesPerInterface: number]

const general: readonly Row[] = [
  ['t3.medium', 2, 4, 3, 6],
  ['t3.large', 2, 8, 3, 12],
  ['m5.large', 2, 8, 3, 10],
  ['m5.xlarge', 4, 16, 4, 15],
  ['m6i.large', 2, 8, 3, 10],
  ['m6i.xlarge', 4, 16, 4, 15],
  ['m6i.2xlarge', 8, 32, 4, 15],
  ['m6i.4xlarge', 16, 64, 8, 30],
  ['m6i.8xlarge', 32, 128, 8, 30],
  ['m7i.large', 2, 8, 3, 10],
  ['m7i.xlarge', 4, 16, 4, 15],
  ['m7i.2xlarge', 8, 32, 4, 15],
  ['m7i.4xlarge', 16, 64, 8, 30],
  ['c6i.4xlarge', 16, 32, 8, 30],
  ['c7i.4xlarge', 16, 32, 8, 30],
  ['r6i.4xlarge', 16, 128, 8, 30],
]

const arm: readonly Row[] = [
  ['m7g.large', 2, 8, 3, 10],
  ['m7g.4xlarge', 16, 64, 8, 30],
]

function row([name, vcpus, memoryGiB, interfaces, addressesPerInterface]: Row, architecture: 'x86_64' | 'arm64'): InstanceType {
  return { name, vcpus, memoryMiB: memoryGiB * 1024, architecture, networkCards: 1, maxEfa: 0, interfaces, addressesPerInterface }
}

function gpuType(base: Row, network: readonly [cards: number, efa: number], gpu: NonNullable<InstanceType['gpu']>): InstanceType {
  return { ...row(base, 'x86_64'), networkCards: network[0], maxEfa: network[1], gpu }
}

const nvidia = (name: string, count: number, memoryMiB: number): NonNullable<InstanceType['gpu']> => ({ name, manufacturer: 'NVIDIA', count, memoryMiB })

const all: readonly InstanceType[] = [
  ...general.map((entry) => row(entry, 'x86_64')),
  ...arm.map((entry) => row(entry, 'arm64')),
  gpuType(['g5.xlarge', 4, 16, 4, 15], [1, 0], nvidia('A10G', 1, 24_576)),
  gpuType(['g6.xlarge', 4, 16, 4, 15], [1, 0], nvidia('L4', 1, 22_888)),
  gpuType(['p4d.24xlarge', 96, 1152, 15, 50], [4, 4], nvidia('A100', 8, 40_960)),
  gpuType(['p5.48xlarge', 192, 2048, 2, 50], [32, 32], nvidia('H100', 8, 81_920)),
  gpuType(['p5en.48xlarge', 192, 2048, 4, 50], [16, 16], nvidia('H200', 8, 144_384)),
]

/** The types that this simulator offers, by name, in every zone. */
export const instanceTypes: ReadonlyMap<string, InstanceType> = new Map(all.map((type) => [type.name, type]))
