import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const seconds = (title: string) => Type.Number({ minimum: 0, title })

const subnet = Type.Object(
  {
    id: Type.String({ pattern: '^subnet-[0-9a-f]{8,17}$' }),
    zone: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$' }),
    freeAddresses: Type.Optional(Type.Integer({ minimum: 0, maximum: 8187, title: 'default 8187, a /19' })),
    public: Type.Optional(Type.Boolean()),
  },
  closed,
)

const cluster = Type.Object(
  {
    name: Type.String({ pattern: '^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$' }),
    version: Type.String({ pattern: '^1\\.[0-9]{2}$' }),
    status: Type.Optional(Type.Enum(['CREATING', 'ACTIVE', 'DELETING', 'FAILED', 'UPDATING', 'PENDING'])),
    subnets: Type.Array(Type.String(), { minItems: 1 }),
  },
  closed,
)

const role = Type.Object(
  {
    name: Type.String({ pattern: '^[\\w+=,.@-]{1,64}$' }),
    path: Type.Optional(Type.String({ pattern: '^/([!-~]*/)?$' })),
    trustedServices: Type.Optional(Type.Array(Type.String(), { title: 'default ec2.amazonaws.com' })),
    trustedAccounts: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{12}$' }), { title: 'accounts whose callers may assume it; default none' })),
    externalId: Type.Optional(Type.String({ minLength: 2, title: 'what those have to name' })),
    policies: Type.Optional(Type.Array(Type.String(), { title: 'names of attached AWS managed policies' })),
  },
  closed,
)

const launchTemplate = Type.Object(
  {
    id: Type.String({ pattern: '^lt-[0-9a-f]{8,17}$' }),
    name: Type.String({ pattern: '^[a-zA-Z0-9().\\-/_]{3,128}$' }),
    versions: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, title: 'launch template data, version 1 first' }),
  },
  closed,
)

const delays = Type.Object(
  {
    scalingGroupSeconds: seconds('from CreateNodegroup until the Auto Scaling group exists'),
    createSeconds: seconds('from CreateNodegroup until ACTIVE at the earliest'),
    createTimeoutSeconds: seconds('how long a creation waits for its nodes before CREATE_FAILED'),
    updateSeconds: seconds('how long UpdateNodegroupConfig keeps the group UPDATING'),
    launchSeconds: seconds('from when an Auto Scaling group lacks instances until it begins to launch them'),
    bootSeconds: seconds('launch until InService'),
    joinSeconds: seconds('InService until the node registers'),
    terminateWaitSeconds: seconds('how long the terminate hook holds an instance at least'),
    evictionSeconds: seconds('how long EKS evicts the pods of a node before it gives up'),
    deletionEvictionSeconds: seconds('the same while a node group is deleted'),
    terminateSeconds: seconds('shutting down until terminated'),
    deleteSeconds: seconds('from the last instance gone until the node group is gone'),
    launchRetrySeconds: seconds('between attempts to launch what could not be launched'),
    rebalanceSeconds: seconds('how long zones are uneven before AZRebalance acts'),
    healthCheckSeconds: seconds('until Auto Scaling sees that an instance is gone'),
    upgradePauseSeconds: seconds('between a drained node and its termination in a version update'),
    templateVisibleSeconds: seconds('until a new launch template or version can be read'),
    roleUsableSeconds: seconds('until EKS can use a new role'),
    nodegroupVisibleSeconds: seconds('until a new node group can be read'),
    numbersLagSeconds: seconds('how far DescribeNodegroup is behind the Auto Scaling group'),
  },
  closed,
)

const quotas = Type.Object(
  {
    nodegroupsPerCluster: Type.Integer({ minimum: 0 }),
    nodesPerNodegroup: Type.Integer({ minimum: 0 }),
    maxPageSize: Type.Integer({ minimum: 1, title: 'short pages: never more items than this in one answer' }),
    shortPages: Type.Boolean({ title: 'some pages are shorter than asked for although more follow' }),
  },
  closed,
)

/** A scenario file: what every account holds when it is first seen, and how fast its cloud is. Times are simulated seconds. */
export const scenarioSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    account: Type.String({ pattern: '^[0-9]{12}$', title: 'the account of callers whose key names none' }),
    region: Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$' }),
    vpcId: Type.Optional(Type.String({ pattern: '^vpc-[0-9a-f]{8,17}$' })),
    subnets: Type.Array(subnet, { minItems: 1 }),
    roles: Type.Optional(Type.Array(role)),
    clusters: Type.Array(cluster),
    launchTemplates: Type.Optional(Type.Array(launchTemplate)),
    delays: Type.Optional(Type.Partial(delays, closed)),
    quotas: Type.Optional(Type.Partial(quotas, closed)),
    releases: Type.Optional(
      Type.Record(Type.String({ pattern: '^1\\.[0-9]{2}$' }), Type.Array(Type.String(), { minItems: 1 }), {
        title: 'AMI release versions by Kubernetes version, oldest first; default: two of each',
      }),
    ),
    rates: Type.Optional(
      Type.Record(Type.String(), Type.Object({ perSecond: Type.Number({ exclusiveMinimum: 0 }), burst: Type.Integer({ minimum: 1 }) }, closed), {
        title:
          'calls that an account may make, real seconds, by `service:Action`, `service`, or `*`; the first that is there counts. Default: as many as it likes',
      }),
    ),
    latencyMs: Type.Optional(Type.Record(Type.String(), Type.Number({ minimum: 0 }), { title: 'real milliseconds by `service:Action` or `service`' })),
  },
  closed,
)

export type ScenarioFile = Static<typeof scenarioSchema>
export type Delays = Static<typeof delays>
export type Quotas = Static<typeof quotas>

/** A cloud that is a little faster than the real one; `--speed` shortens it further. */
export const defaultDelays: Delays = {
  scalingGroupSeconds: 10,
  createSeconds: 60,
  createTimeoutSeconds: 900,
  updateSeconds: 15,
  // 16 s in the AWS CLI's example of describe-scaling-activities, by the two times in its `Cause`; here at once unless a scenario says otherwise
  launchSeconds: 0,
  bootSeconds: 30,
  joinSeconds: 20,
  terminateWaitSeconds: 30,
  // EKS user guide, "Update a managed node group": 15 minutes; "Delete a managed node group": 5 (awsdocs/amazon-eks-user-guide#1128)
  evictionSeconds: 900,
  deletionEvictionSeconds: 300,
  terminateSeconds: 30,
  deleteSeconds: 30,
  launchRetrySeconds: 60,
  // a guess: the user guide names no time
  rebalanceSeconds: 120,
  healthCheckSeconds: 60,
  // EKS user guide, "Understand each phase of node updates"
  upgradePauseSeconds: 60,
  // guesses in the order of what people report
  templateVisibleSeconds: 2,
  roleUsableSeconds: 10,
  nodegroupVisibleSeconds: 0,
  numbersLagSeconds: 60,
}

/** AWS' defaults (EKS service quotas); a page is never longer than the API's own maximum anyway. */
export const defaultQuotas: Quotas = { nodegroupsPerCluster: 30, nodesPerNodegroup: 450, maxPageSize: 1000, shortPages: false }
