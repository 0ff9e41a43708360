import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const id = Type.String({ pattern: '^i-[0-9a-f]{8,17}$' })
const where = {
  account: Type.Optional(Type.String({ pattern: '^[0-9]{12}$', title: 'default: the scenario’s' })),
  region: Type.Optional(Type.String({ title: 'default: the scenario’s' })),
}
const nodegroup = { cluster: Type.String(), nodegroup: Type.String() }

/** Everything that can happen without a call of the product: people in the console, machines that break, AWS itself. */
export const happening = Type.Union([
  Type.Object(
    {
      ...where,
      order: Type.Literal('BreakNode', {
        title: 'the kubelet falls silent, or with status False says that it is not ready, or with `condition` a monitoring agent reports that',
      }),
      instanceId: id,
      condition: Type.Optional(Type.String({ minLength: 1 })),
      status: Type.Optional(Type.Union([Type.Literal('False'), Type.Literal('Unknown')], { description: 'of condition Ready; any other is reported False' })),
      reason: Type.Optional(Type.String({ minLength: 1 })),
      message: Type.Optional(Type.String()),
    },
    closed,
  ),
  Type.Object({ ...where, order: Type.Literal('MendNode'), instanceId: id }, closed),
  Type.Object({ ...where, order: Type.Literal('TerminateInstance', { title: 'in the EC2 console: no hook, no drain' }), instanceId: id }, closed),
  Type.Object({ ...where, order: Type.Literal('InterruptSpot', { title: 'two minutes later EC2 ends the instance' }), instanceId: id }, closed),
  Type.Object({ ...where, order: Type.Literal('DeleteNodegroup', { title: 'in the EKS console' }), ...nodegroup }, closed),
  Type.Object({ ...where, order: Type.Literal('DeleteScalingGroup', { title: 'with its instances, behind EKS’ back' }), ...nodegroup }, closed),
  Type.Object(
    {
      ...where,
      order: Type.Literal('SetCapacity', { title: 'at Auto Scaling, as Cluster Autoscaler and the console do' }),
      ...nodegroup,
      minSize: Type.Optional(Type.Integer({ minimum: 0 })),
      maxSize: Type.Optional(Type.Integer({ minimum: 0 })),
      desiredSize: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    closed,
  ),
  Type.Object(
    {
      ...where,
      order: Type.Literal('LockScalingGroup', { title: 'gives it an operator, or with null none' }),
      ...nodegroup,
      operator: Type.Union([Type.String(), Type.Null()]),
    },
    closed,
  ),
  Type.Object(
    {
      ...where,
      order: Type.Literal('SetCluster'),
      cluster: Type.String(),
      version: Type.Optional(Type.String({ pattern: '^1\\.[0-9]{2}$' })),
      status: Type.Optional(Type.Enum(['CREATING', 'ACTIVE', 'DELETING', 'FAILED', 'UPDATING', 'PENDING'])),
      endpoint: Type.Optional(Type.String({ pattern: '^https://', title: 'of a real API server that stands for the one in AWS' })),
      certificateAuthority: Type.Optional(Type.String({ minLength: 1, title: 'its PEM in base64' })),
    },
    closed,
  ),
  Type.Object(
    { ...where, order: Type.Literal('DeleteCluster', { title: 'in the EKS console; refused while it has node groups' }), cluster: Type.String() },
    closed,
  ),
  Type.Object(
    {
      ...where,
      order: Type.Literal('CreateRole', { title: 'EKS can use it after `roleUsableSeconds`' }),
      name: Type.String({ pattern: '^[\\w+=,.@-]{1,64}$' }),
      path: Type.Optional(Type.String({ pattern: '^/([!-~]*/)?$' })),
      trustedAccounts: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{12}$' }))),
      externalId: Type.Optional(Type.String({ minLength: 2 })),
      policies: Type.Optional(Type.Array(Type.String())),
    },
    closed,
  ),
  Type.Object({ ...where, order: Type.Literal('DeleteRole'), name: Type.String() }, closed),
  Type.Object({ ...where, order: Type.Literal('DeleteSubnet'), subnetId: Type.String() }, closed),
  Type.Object(
    {
      ...where,
      order: Type.Literal('SetFreeAddresses', { title: 'as when pods and other machines take them, or give them back' }),
      subnetId: Type.String(),
      count: Type.Integer({ minimum: 0, maximum: 8187 }),
    },
    closed,
  ),
])

export type Happening = Static<typeof happening>
