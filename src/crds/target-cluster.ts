import Type, { type Static } from 'typebox'
import type { CustomObject } from '../kube/objects.ts'
import type { Resource } from '../kube/resource.ts'
import { statusBase } from './condition.ts'
import { group, type Kind, nameRule, version } from './crd.ts'
import { roleArnPattern, suspend } from './fields.ts'
import { immutable, setOnce } from './immutable.ts'
import { count, listAtomic, listMap, listSet, oneOf, shaped, stringEnum, stringMap, struct, text } from './schema.ts'
import { budget, prices, windows } from './target-limits.ts'
import { type TargetClusterEvent, targetClusterEvents } from './target-cluster-events.ts'
import { targetClusterConditions, targetClusterReasons } from './target-cluster-reasons.ts'

const connection = oneOf(
  {
    inCluster: Type.Optional(struct({}, 'The cluster that holds this object, however the operator reaches it.')),
    kubeconfigSecretRef: Type.Optional(
      struct(
        {
          name: shaped(
            '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
            'kubeconfigSecretRef.name must be the name of a Secret: lower case letters, digits, - and .',
            { maxLength: 253 },
            "Name of the Secret in the operator's namespace.",
          ),
          key: shaped(
            '^[-._a-zA-Z0-9]+$',
            'kubeconfigSecretRef.key must be a key of a Secret: letters, digits, - _ and .',
            { maxLength: 253 },
            'Key of the Secret that holds the kubeconfig.',
          ),
          context: Type.Optional(text(253, 'Context of the kubeconfig; its current-context when absent.', { minLength: 1 })),
        },
        'A kubeconfig with a token or a client certificate in it. Exec plugins and file paths are refused (UnsafeKubeconfig).',
      ),
    ),
    eksToken: Type.Optional(struct({}, 'The EKS cluster eksClusterName, with a token made from the AWS credentials.')),
  },
  'How the cluster is reached: exactly one member.',
  'connection needs exactly one of inCluster, kubeconfigSecretRef, eksToken',
)

const aws = struct(
  {
    region: shaped('^[a-z]{2,}(-[a-z]+)+-[0-9]+$', 'aws.region must look like us-west-2', { maxLength: 32 }, 'Region of the cluster.'),
    accountId: Type.Optional(
      shaped('^[0-9]{12}$', 'aws.accountId must have 12 digits', { maxLength: 32 }, 'Account that the credentials must belong to; any when absent.'),
    ),
    roleArn: Type.Optional(
      shaped(
        roleArnPattern,
        'aws.roleArn must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/tidegate/target',
        { maxLength: 640 },
        "Role that is assumed for every call about this cluster; the operator's own credentials when absent.",
      ),
    ),
    externalId: Type.Optional(
      shaped(
        '^[A-Za-z0-9_+=,.@:/-]{2,}$',
        'aws.externalId must have at least 2 letters, digits and _ + = , . @ : / -',
        { maxLength: 1224 },
        'External id that the role asks for.',
      ),
    ),
  },
  'Where the cluster lives in AWS.',
  {
    rules: [
      { rule: '!has(self.externalId) || has(self.roleArn)', message: 'aws.externalId needs aws.roleArn: it is sent when that role is assumed' },
      immutable('region', 'create a TargetCluster with another name'),
      setOnce('accountId', 'create a TargetCluster with another name'),
    ],
  },
)

const allow = struct(
  {
    namespaces: Type.Optional(
      struct(
        {
          names: Type.Optional(
            listSet(
              shaped('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'allow.namespaces.names must be names of namespaces', { maxLength: 63 }, 'Namespace.'),
              { maxItems: 200 },
              { description: 'Namespaces by name.' },
            ),
          ),
          selector: Type.Optional(
            struct(
              {
                matchLabels: stringMap(
                  { minProperties: 1, maxProperties: 16, maxLength: 63 },
                  { description: 'Labels that a namespace must have, all of them. An empty selector would match every namespace and is refused.' },
                ),
              },
              'Namespaces by label.',
            ),
          ),
        },
        'Namespaces whose objects may use this cluster: those named and those that match. None when absent.',
      ),
    ),
    passRoleArns: Type.Optional(
      listSet(
        shaped(
          '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/*-]+$',
          'allow.passRoleArns must be ARNs of IAM roles with the account written out; * stands for any characters in the name',
          { maxLength: 640 },
          'Role ARN; * stands for any characters.',
        ),
        { maxItems: 50 },
        { description: 'Roles that node groups of this cluster may be given. None when absent.' },
      ),
    ),
  },
  'Who may use this cluster, and with which roles.',
)

const spec = struct(
  {
    connection,
    aws,
    eksClusterName: Type.Optional(
      shaped(
        '^[0-9A-Za-z][A-Za-z0-9_-]*$',
        'eksClusterName must begin with a letter or digit and hold letters, digits, - and _ only',
        { maxLength: 100 },
        'Name of the EKS cluster; needed by EksNodeGroup.',
      ),
    ),
    allow: Type.Optional(allow),
    timeZone: shaped(
      '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$',
      'timeZone must be an IANA name such as Europe/Berlin',
      { maxLength: 64, default: 'UTC' },
      'IANA time zone in which days close.',
    ),
    discovery: stringEnum(['None', 'List'], { default: 'List', description: 'List: every node group of the cluster stands in status.groups.' }),
    budget,
    windows: Type.Optional(windows),
    prices: Type.Optional(prices),
    suspend,
  },
  'What is wanted.',
  {
    rules: [
      {
        rule: '!has(self.connection.eksToken) || has(self.eksClusterName)',
        message: 'connection.eksToken needs eksClusterName: the token is made for that cluster',
      },
      setOnce('eksClusterName', 'its groups would be looked for in another cluster; create a TargetCluster with another name'),
    ],
  },
)

const discoveredGroup = struct(
  {
    name: text(128, 'Name in AWS.'),
    type: stringEnum(['Eks'], { description: 'Kind of group.' }),
    state: Type.Optional(text(32, 'State, in Kubernetes spelling.')),
    object: Type.Optional(text(317, 'The EksNodeGroup that manages or observes it, as namespace/name.')),
    managedBy: Type.Optional(
      text(
        64,
        'Who else made it, by its tags: CloudFormation, eksctl, Karpenter, or Terraform, which leaves none of its own and is known by tags such as ManagedBy=terraform only. Absent where object is there.',
      ),
    ),
    instanceTypes: Type.Optional(listAtomic(text(32, 'Instance type.'), { maxItems: 20 }, { description: 'Instance types.' })),
    capacityType: Type.Optional(text(32, 'OnDemand, Spot or CapacityBlock.')),
  },
  'A node group that AWS knows.',
)

const status = struct(
  {
    ...statusBase,
    targetUID: Type.Optional(text(64, "UID of the target's namespace kube-system: what this cluster is, whatever its address.")),
    kubeconfigSecret: Type.Optional(text(253, 'Secret that carries our finalizer for this object, since the kubeconfig is read from it.')),
    kubernetesVersion: Type.Optional(text(64, 'Version that the API server tells.')),
    eks: Type.Optional(
      struct(
        {
          arn: Type.Optional(text(2048, 'ARN of the cluster.')),
          state: Type.Optional(text(32, 'State in EKS, in Kubernetes spelling.')),
          version: Type.Optional(text(32, 'Kubernetes version in EKS.')),
          endpoint: Type.Optional(text(2048, 'Address of the API server in EKS.')),
          autoMode: Type.Optional(Type.Boolean({ description: 'EKS Auto Mode runs its own nodes here.' })),
        },
        'The cluster as EKS tells it.',
      ),
    ),
    nodes: Type.Optional(
      struct(
        {
          total: count('Node objects.'),
          ready: count('Nodes that are Ready.'),
          schedulable: count(
            'Nodes that are Ready and take new pods: neither cordoned nor isolated by Tidegate. Other taints count as taking pods, since some tolerate them.',
          ),
        },
        'Nodes by state.',
      ),
    ),
    gpus: Type.Optional(
      struct(
        {
          capacity: count('GPUs that the Nodes have (nvidia.com/gpu).'),
          allocated: count('GPUs that pods on Nodes have requested; finished pods count no more.'),
        },
        'GPUs; absent where no Node has one.',
      ),
    ),
    usedBy: Type.Optional(text(317, 'One of the objects that name this one, as namespace/name: while there is one, a deletion is refused.')),
    groups: Type.Optional(listMap(discoveredGroup, ['type', 'name'], 200, { description: 'Node groups of the cluster, by name; at most 200.' })),
  },
  'What is seen.',
)

export type TargetClusterSpec = Static<typeof spec>
export type TargetClusterStatus = Static<typeof status>
export type DiscoveredGroup = Static<typeof discoveredGroup>
export type { TargetClusterEvent }
export type TargetCluster = CustomObject<TargetClusterSpec, TargetClusterStatus>

export const targetClusters = { group, version, plural: 'targetclusters', kind: 'TargetCluster', namespaced: false } as const satisfies Resource

export const targetClusterKind: Kind = {
  kind: targetClusters.kind,
  plural: targetClusters.plural,
  scope: 'Cluster',
  shortNames: ['tgc'],
  description: 'One target cluster, its AWS surroundings, and who may use it.',
  spec,
  status,
  rules: [nameRule],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Version', type: 'string', jsonPath: '.status.kubernetesVersion' },
    { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes.total' },
    { name: 'Nodes Ready', type: 'integer', jsonPath: '.status.nodes.ready' },
    { name: 'Region', type: 'string', jsonPath: '.spec.aws.region', priority: 1 },
    { name: 'EKS Cluster', type: 'string', jsonPath: '.spec.eksClusterName', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  conditions: targetClusterConditions,
  reasons: targetClusterReasons,
  events: targetClusterEvents,
}
