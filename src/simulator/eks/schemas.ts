import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const

/** Sizes, limits and words as in EKS' service model (aws-eks.md §3.1). */
const label = Type.String({ minLength: 1, maxLength: 63 })
const key = Type.String({ minLength: 1, maxLength: 63 })
const size = Type.Integer({ minimum: 0 })
export const page = { maxResults: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), nextToken: Type.Optional(Type.String()) }
export const tags = Type.Record(Type.String({ minLength: 1, maxLength: 128 }), Type.String({ maxLength: 256 }), { maxProperties: 50 })
const labels = Type.Record(key, label)

const scalingConfig = Type.Object(
  { minSize: Type.Optional(size), maxSize: Type.Optional(Type.Integer({ minimum: 1 })), desiredSize: Type.Optional(size) },
  closed,
)

const taint = Type.Object(
  {
    key: Type.Optional(key),
    value: Type.Optional(Type.String({ maxLength: 63 })),
    effect: Type.Optional(Type.Enum(['NO_SCHEDULE', 'NO_EXECUTE', 'PREFER_NO_SCHEDULE'])),
  },
  closed,
)

const updateConfig = Type.Object(
  {
    maxUnavailable: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    maxUnavailablePercentage: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    updateStrategy: Type.Optional(Type.Enum(['DEFAULT', 'MINIMAL'])),
  },
  closed,
)

/** All four are required (aws-eks.md §3.1). */
const repairOverride = Type.Object(
  {
    nodeMonitoringCondition: Type.String({ minLength: 1 }),
    nodeUnhealthyReason: Type.String({ minLength: 1 }),
    minRepairWaitTimeMins: Type.Integer({ minimum: 1 }),
    repairAction: Type.Enum(['Replace', 'Reboot', 'NoAction']),
  },
  closed,
)

const nodeRepairConfig = Type.Object(
  {
    enabled: Type.Optional(Type.Boolean()),
    maxUnhealthyNodeThresholdCount: Type.Optional(Type.Integer({ minimum: 1 })),
    maxUnhealthyNodeThresholdPercentage: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    maxParallelNodesRepairedCount: Type.Optional(Type.Integer({ minimum: 1 })),
    maxParallelNodesRepairedPercentage: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    nodeRepairConfigOverrides: Type.Optional(Type.Array(repairOverride)),
  },
  closed,
)

const launchTemplate = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()), version: Type.Optional(Type.String()) }, closed)

/** botocore 1.44, `AMITypes`. */
const amiTypes = [
  'AL2_x86_64',
  'AL2_x86_64_GPU',
  'AL2_ARM_64',
  'CUSTOM',
  ...['ARM_64', 'x86_64', 'ARM_64_FIPS', 'x86_64_FIPS', 'ARM_64_NVIDIA', 'x86_64_NVIDIA', 'ARM_64_NVIDIA_FIPS', 'x86_64_NVIDIA_FIPS'].map(
    (end) => `BOTTLEROCKET_${end}`,
  ),
  ...['CORE', 'FULL'].flatMap((kind) => ['2019', '2022', '2025'].map((year) => `WINDOWS_${kind}_${year}_x86_64`)),
  'AL2023_x86_64_STANDARD',
  'AL2023_ARM_64_STANDARD',
  'AL2023_x86_64_NEURON',
  'AL2023_x86_64_NVIDIA',
  'AL2023_ARM_64_NVIDIA',
]

export const createNodegroupInput = Type.Object(
  {
    clusterName: Type.String(),
    nodegroupName: Type.String({ minLength: 1 }),
    subnets: Type.Array(Type.String()),
    nodeRole: Type.String(),
    scalingConfig: Type.Optional(scalingConfig),
    diskSize: Type.Optional(Type.Integer({ minimum: 1 })),
    instanceTypes: Type.Optional(Type.Array(Type.String(), { maxItems: 20 })),
    amiType: Type.Optional(Type.Enum(amiTypes)),
    labels: Type.Optional(labels),
    taints: Type.Optional(Type.Array(taint, { maxItems: 50 })),
    tags: Type.Optional(tags),
    clientRequestToken: Type.Optional(Type.String()),
    launchTemplate: Type.Optional(launchTemplate),
    updateConfig: Type.Optional(updateConfig),
    nodeRepairConfig: Type.Optional(nodeRepairConfig),
    capacityType: Type.Optional(Type.Enum(['ON_DEMAND', 'SPOT', 'CAPACITY_BLOCK'])),
    version: Type.Optional(Type.String()),
    releaseVersion: Type.Optional(Type.String()),
  },
  closed,
)

export const updateNodegroupConfigInput = Type.Object(
  {
    clusterName: Type.String(),
    nodegroupName: Type.String(),
    labels: Type.Optional(Type.Object({ addOrUpdateLabels: Type.Optional(labels), removeLabels: Type.Optional(Type.Array(Type.String())) }, closed)),
    taints: Type.Optional(Type.Object({ addOrUpdateTaints: Type.Optional(Type.Array(taint)), removeTaints: Type.Optional(Type.Array(taint)) }, closed)),
    scalingConfig: Type.Optional(scalingConfig),
    updateConfig: Type.Optional(updateConfig),
    nodeRepairConfig: Type.Optional(nodeRepairConfig),
    clientRequestToken: Type.Optional(Type.String()),
  },
  closed,
)

export const updateNodegroupVersionInput = Type.Object(
  {
    clusterName: Type.String(),
    nodegroupName: Type.String(),
    version: Type.Optional(Type.String()),
    releaseVersion: Type.Optional(Type.String()),
    launchTemplate: Type.Optional(launchTemplate),
    force: Type.Optional(Type.Boolean()),
    clientRequestToken: Type.Optional(Type.String()),
  },
  closed,
)

export type UpdateNodegroupVersionInput = Static<typeof updateNodegroupVersionInput>
export type NodeRepairInput = Static<typeof nodeRepairConfig>
export type UpdateConfigInput = Static<typeof updateConfig>
export type CreateNodegroupInput = Static<typeof createNodegroupInput>
export type UpdateNodegroupConfigInput = Static<typeof updateNodegroupConfigInput>
export type ScalingConfigInput = Static<typeof scalingConfig>
export type TaintInput = Static<typeof taint>
