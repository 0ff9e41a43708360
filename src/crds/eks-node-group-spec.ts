import Type, { type Static } from 'typebox'
import { labelKey, labelValuePattern, roleArnPattern, suspend, targetClusterRef } from './fields.ts'
import { immutable, immutableOptional } from './immutable.ts'
import { count, listAtomic, listMap, listSet, type Rule, shaped, stringEnum, stringMap, struct } from './schema.ts'
import { forceNeedsTimeout, scaleDown, update } from './node-changes.ts'
import { nodeRepair } from './node-repair.ts'
import { scaling } from './scaling.ts'

const taint = struct(
  {
    key: Type.String({
      minLength: 1,
      maxLength: 63,
      description: 'Taint key.',
      'x-kubernetes-validations': [
        labelKey('self'),
        { rule: "!self.startsWith('tidegate.io/')", message: 'taints under tidegate.io/ are set by the operator alone' },
      ],
    }),
    value: Type.Optional(
      shaped(
        '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
        'a taint value holds letters, digits, - _ and . and begins and ends with a letter or digit',
        { maxLength: 63 },
        'Taint value.',
      ),
    ),
    effect: stringEnum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], { description: 'What the taint does, in the spelling of Kubernetes.' }),
  },
  'A taint.',
)

const launchTemplate = struct(
  {
    id: Type.Optional(
      shaped('^lt-([0-9a-f]{8}|[0-9a-f]{17})$', 'launchTemplate.id must look like lt-0a1b2c3d4e5f60001', { maxLength: 32 }, 'Id of the template.'),
    ),
    name: Type.Optional(
      shaped(
        '^[A-Za-z0-9().\\-/_]{3,128}$',
        'launchTemplate.name must have 3 to 128 letters, digits and ( ) . - / _',
        { maxLength: 128 },
        'Name of the template.',
      ),
    ),
    version: shaped(
      '^[1-9][0-9]*$',
      'launchTemplate.version must be a number, in quotes: $Latest and $Default would change nodes without a change here',
      { maxLength: 10 },
      'Version of the template, a number as a string.',
    ),
  },
  'A launch template of your own, by id or by name.',
  {
    rules: [{ rule: 'has(self.id) != has(self.name)', message: 'launchTemplate needs exactly one of id, name' }],
  },
)

const policy = struct(
  {
    management: stringEnum(['Manage', 'Observe'], { default: 'Manage', description: 'Observe: only look, write nothing to AWS.' }),
    adoption: stringEnum(['CreateOnly', 'AdoptOrCreate', 'AdoptOnly'], {
      default: 'CreateOnly',
      description: 'What to do with a group of this name that exists already (refuse it, take it) or does not (make it, wait for it).',
    }),
    deletion: Type.Optional(
      stringEnum(['Delete', 'Retain'], {
        description: 'What happens to the node group when the object is deleted. When absent: Delete for one that we made, Retain for one that was adopted.',
      }),
    ),
  },
  'How the operator treats the node group in AWS.',
  { default: {} },
)

const remedy = 'create a group with another name and delete this one'
const observed = "oldSelf.policy.management == 'Observe'"

const rules: readonly Rule[] = [
  {
    rule: "self.policy.management == 'Observe' || (has(self.subnetIds) && has(self.nodeRoleArn) && has(self.scaling))",
    message: 'subnetIds, nodeRoleArn and scaling are required unless policy.management is Observe',
  },
  {
    rule: '!has(self.launchTemplate) || !has(self.diskSizeGiB)',
    message: 'diskSizeGiB cannot stand beside launchTemplate: the template says the size of the disk',
  },
  {
    rule: "self.capacityType != 'CapacityBlock' || has(self.launchTemplate)",
    message: 'capacityType CapacityBlock needs a launchTemplate that names the reservation',
  },
  {
    rule: "self.capacityType != 'CapacityBlock' || !has(self.instanceTypes)",
    message: 'capacityType CapacityBlock takes its instance type from the launchTemplate: leave instanceTypes out',
  },
  {
    rule: "self.capacityType != 'CapacityBlock' || !has(self.scaling) || self.scaling.minSize == 0",
    message: 'capacityType CapacityBlock needs scaling.minSize 0: EKS scales the group to 0 before the reservation ends',
  },
  forceNeedsTimeout,
  immutable('targetClusterRef', remedy),
  immutableOptional('nodeGroupName', remedy),
  ...['subnetIds', 'nodeRoleArn', 'instanceTypes', 'amiType', 'diskSizeGiB'].map((field) => immutableOptional(field, remedy, observed)),
  { ...immutable('capacityType', remedy), rule: `(${observed}) || self.capacityType == oldSelf.capacityType` },
  {
    rule: `(${observed}) || has(self.launchTemplate) == has(oldSelf.launchTemplate)`,
    message: `launchTemplate cannot be added or removed after creation: ${remedy}`,
    updateOnly: true,
  },
  // On the parent of the template, in which nobody knows whether the object only observed.
  ...['launchTemplate.id', 'launchTemplate.name'].map((field) =>
    immutableOptional(
      field,
      'EKS cannot move a group to another template, only to another version of it',
      `${observed} || !has(self.launchTemplate) || !has(oldSelf.launchTemplate)`,
    ),
  ),
]

/** What people write. Fields that AWS cannot change are immutable here too. */
export const eksNodeGroupSpec = struct(
  {
    targetClusterRef,
    nodeGroupName: Type.Optional(
      shaped(
        '^[0-9A-Za-z][A-Za-z0-9_-]*$',
        'nodeGroupName must begin with a letter or digit and hold letters, digits, - and _ only',
        { maxLength: 63 },
        'Name of the node group in EKS; metadata.name when absent.',
      ),
    ),
    subnetIds: Type.Optional(
      listSet(
        shaped('^subnet-([0-9a-f]{8}|[0-9a-f]{17})$', 'subnetIds must look like subnet-0a1b2c3d4e5f60001', { maxLength: 32 }, 'Subnet.'),
        { minItems: 1, maxItems: 16 },
        { description: 'Subnets that instances start in. Required unless policy.management is Observe.' },
      ),
    ),
    nodeRoleArn: Type.Optional(
      shaped(
        roleArnPattern,
        'nodeRoleArn must be the ARN of an IAM role, such as arn:aws:iam::111122223333:role/demo-node',
        { maxLength: 640 },
        'Role of the nodes. Required unless policy.management is Observe.',
      ),
    ),
    instanceTypes: Type.Optional(
      listAtomic(
        shaped('^[a-z][a-z0-9-]*\\.[a-z0-9-]+$', 'instanceTypes must look like m6i.4xlarge', { maxLength: 32 }, 'Instance type.'),
        { minItems: 1, maxItems: 20 },
        {
          description:
            'Instance types, the preferred first (On-Demand takes them in this order). EKS takes t3.medium when neither this nor a template names one.',
          'x-kubernetes-validations': [{ rule: 'self.all(a, self.exists_one(b, a == b))', message: 'instanceTypes must not name a type twice' }],
        },
      ),
    ),
    amiType: Type.Optional(
      shaped(
        '^[A-Z][A-Za-z0-9_]*$',
        'amiType must be a word of EKS such as AL2023_x86_64_STANDARD',
        {
          maxLength: 64,
          rules: [
            {
              rule: "!self.startsWith('AL2_')",
              message: 'Amazon Linux 2 images reached their end of support on 2025-11-26: use AL2023_x86_64_STANDARD or another AL2023 or Bottlerocket type',
            },
            { rule: "self != 'CUSTOM'", message: 'CUSTOM is what EKS reports for an image named by a launch template: leave amiType out' },
          ],
        },
        'EKS AMI type; chosen by EKS when absent.',
      ),
    ),
    capacityType: stringEnum(['OnDemand', 'Spot', 'CapacityBlock'], { default: 'OnDemand', description: 'How the instances are bought.' }),
    diskSizeGiB: Type.Optional(count('Root disk, when no template says it; EKS takes 20 when absent.', { minimum: 1, maximum: 65_536 })),
    version: Type.Optional(
      shaped(
        '^1\\.[0-9]{2}$',
        'version must be a minor version of Kubernetes in quotes, such as "1.36"',
        { maxLength: 32 },
        'Kubernetes version; that of the cluster at creation when absent.',
      ),
    ),
    releaseVersion: Type.Optional(
      shaped(
        '^[0-9][0-9A-Za-z.-]*$',
        'releaseVersion must look like 1.36.2-20260714',
        { maxLength: 64 },
        'Release of the EKS image; the newest at creation when absent.',
      ),
    ),
    launchTemplate: Type.Optional(launchTemplate),
    scaling: Type.Optional(scaling),
    labels: Type.Optional(
      stringMap(
        { maxProperties: 50, maxLength: 63 },
        {
          description: 'Labels that EKS puts on the nodes.',
          'x-kubernetes-validations': [
            { rule: 'self.all(k, self[k].size() > 0)', message: 'EKS takes no empty label value' },
            {
              rule: `self.all(k, self[k].size() == 0 || self[k].matches('${labelValuePattern}'))`,
              message: 'a label value holds letters, digits, - _ and . and begins and ends with a letter or digit',
            },
            { rule: 'self.all(k, k.size() <= 63)', message: 'EKS takes label keys of at most 63 characters' },
            { rule: `self.all(k, ${labelKey('k').rule})`, message: labelKey('k').message },
            {
              rule: "self.all(k, !k.contains('kubernetes.io/') && !k.contains('k8s.io/') && !k.contains('eks.amazonaws.com/'))",
              message: 'labels under kubernetes.io/, k8s.io/ and eks.amazonaws.com/ are reserved: EKS refuses them',
            },
          ],
        },
      ),
    ),
    taints: Type.Optional(listMap(taint, ['key', 'effect'], 50, { description: 'Taints that EKS puts on the nodes.' })),
    tags: Type.Optional(
      stringMap(
        { maxProperties: 46, maxLength: 256 },
        {
          description: 'Tags of the node group in AWS: at most 46, since AWS allows 50 and four are ours. Tags of others stay.',
          'x-kubernetes-validations': [
            { rule: 'self.all(k, k.size() >= 1 && k.size() <= 128)', message: 'a tag key has 1 to 128 characters' },
            { rule: "self.all(k, !k.matches('^(?i)aws:'))", message: 'tag keys that begin with aws: belong to AWS' },
            { rule: "self.all(k, !k.startsWith('tidegate.io/'))", message: 'tags under tidegate.io/ are the mark of ownership and set by the operator alone' },
          ],
        },
      ),
    ),
    update,
    nodeRepair: Type.Optional(nodeRepair),
    scaleDown,
    policy,
    suspend,
  },
  'What is wanted.',
  { rules },
)

export type EksNodeGroupSpec = Static<typeof eksNodeGroupSpec>

/** A spec that is complete enough to act on: every spec whose management is Manage (a CEL rule sees to it). */
export type ManagedEksNodeGroupSpec = EksNodeGroupSpec & Required<Pick<EksNodeGroupSpec, 'subnetIds' | 'nodeRoleArn' | 'scaling'>>
