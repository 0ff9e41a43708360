import Type, { type Static } from 'typebox'
import { statusBase } from './condition.ts'
import { applied, deletionState, removalState, updateState, withdrawal } from './node-changes-status.ts'
import { count, listAtomic, listMap, stringEnum, stringMap, struct, text, time } from './schema.ts'

/** The intent of a call that changes the cloud, stored before the call (aws-rules A1), and what is known of it since. */
const operation = struct(
  {
    kind: stringEnum(['Create', 'UpdateScaling', 'UpdateConfig', 'UpdateVersion', 'Tag', 'Delete'], { description: 'What is being done.' }),
    paramsHash: text(64, 'Hash of the parameters: an intent is for exactly these.'),
    token: text(64, 'Nonce sent as the client token; the same for every retry of this attempt.'),
    attempt: count('How often this was started, from 1.', { minimum: 1 }),
    startedAt: time('When the intent was stored. Older than 7 h is not sent again: the world is read first.'),
    updateId: Type.Optional(text(128, "Id of EKS' update, when the answer arrived.")),
    from: Type.Optional(text(256, 'What it was before, for the history.')),
    to: Type.Optional(text(256, 'What it is to become, for the history.')),
    fieldManager: Type.Optional(text(128, 'Field manager that asked for it, for the history.')),
  },
  'The call to AWS that is under way.',
)

const healthIssue = struct(
  {
    code: text(128, 'Code of EKS, such as NodeCreationFailure.'),
    message: text(2048, 'Text of EKS.'),
    resourceIds: Type.Optional(listAtomic(text(256, 'Id.'), { maxItems: 50 }, { description: 'Resources that it is about.' })),
  },
  'A health issue that EKS reports.',
)

const healthIssues = listAtomic(healthIssue, { maxItems: 20 }, { description: 'Health issues that EKS reports.' })

/** Failed creations: EKS keeps nothing of a group once it is deleted, so the count and the last issues stand here (aws-rules B2). */
const creation = struct(
  {
    failures: count('Creations in a row that ended in CREATE_FAILED, since a person last asked for them.'),
    lastFailureAt: Type.Optional(time('When the last one failed.')),
    issues: Type.Optional(healthIssues),
    retry: Type.Optional(text(256, 'Value of tidegate.io/retry that they count for: a new one begins the attempts anew.')),
    generation: Type.Optional(count('metadata.generation that they count for: a later one that asks EKS for something else begins the attempts anew.')),
    paramsHash: Type.Optional(text(64, 'Hash of what EKS is asked for by that generation.')),
  },
  'Creations that failed; gone once one succeeds.',
)

const ownership = struct(
  {
    origin: stringEnum(['Created', 'Adopted'], { description: 'Whether we made the node group or found it. Decides the default of policy.deletion.' }),
    since: time('When it was made or taken.'),
    managedElsewhere: Type.Optional(
      text(
        64,
        'Who else seems to own it, by its tags: CloudFormation, eksctl, Karpenter, or Terraform, which is known by tags such as ManagedBy=terraform only.',
      ),
    ),
    formerUIDs: Type.Optional(
      listAtomic(
        text(64, 'UID.'),
        { maxItems: 5 },
        { description: 'UIDs of the objects that had the node group before, oldest first: what they marked is taken back.' },
      ),
    ),
  },
  'How the node group came to be ours; absent while none is.',
)

/** What is not known is absent: unknown is not 0 (aws-rules F). */
const cost = struct(
  {
    hourly: Type.Optional(text(16, 'Price of all instances for an hour, a decimal string.')),
    currency: Type.Optional(text(3, 'Currency, such as USD.')),
    basis: stringEnum(['OnDemand', 'Spot', 'Prepaid', 'Override', 'Unknown'], {
      description: 'Where the price comes from. Override: spec.prices of the TargetCluster. Prepaid: nothing per hour. Unknown: there is none.',
    }),
    pricedAt: Type.Optional(time('When the price was looked up.')),
  },
  'What the group costs.',
)

/** The settings of the group in AWS, for `policy.management: Observe` and for people who want to write a spec for it. */
const observed = struct(
  {
    subnetIds: Type.Optional(listAtomic(text(32, 'Subnet.'), { maxItems: 16 }, { description: 'Subnets.' })),
    nodeRoleArn: Type.Optional(text(640, 'Role of the nodes.')),
    instanceTypes: Type.Optional(listAtomic(text(32, 'Instance type.'), { maxItems: 20 }, { description: 'Instance types.' })),
    amiType: Type.Optional(text(64, 'AMI type.')),
    capacityType: Type.Optional(text(32, 'How the instances are bought.')),
    diskSizeGiB: Type.Optional(count('Root disk.')),
    labels: Type.Optional(stringMap({ maxProperties: 100, maxLength: 63 }, { description: 'Labels.' })),
    taints: Type.Optional(
      listAtomic(
        struct({ key: text(63, 'Key.'), value: Type.Optional(text(63, 'Value.')), effect: text(32, 'Effect, in the spelling of Kubernetes.') }, 'A taint.'),
        { maxItems: 50 },
        { description: 'Taints.' },
      ),
    ),
    tags: Type.Optional(stringMap({ maxProperties: 50, maxLength: 256 }, { description: 'Tags.' })),
  },
  'What EKS has, filled when policy.management is Observe.',
)

const drift = struct(
  {
    field: text(256, 'Field of the spec.'),
    desired: text(1024, 'What the spec says.'),
    actual: text(1024, 'What AWS has.'),
    remedy: text(1024, 'What to do.'),
  },
  'A difference between the spec and AWS.',
)

const historyEntry = struct(
  {
    time: time('When it ended.'),
    operation: text(64, 'What was done.'),
    from: Type.Optional(text(256, 'What it was before.')),
    to: Type.Optional(text(256, 'What it became.')),
    outcome: text(64, 'How it ended: Succeeded, Failed, or the reason.'),
    fieldManager: Type.Optional(text(128, 'Field manager that asked for it.')),
    orderUID: Type.Optional(text(64, 'UID of the order that asked for it.')),
  },
  'An operation that ended.',
)

/** What is seen. */
export const eksNodeGroupStatus = struct(
  {
    ...statusBase,
    nodeGroupName: Type.Optional(text(63, 'Name of the node group in EKS.')),
    arn: Type.Optional(text(2048, 'ARN of the node group.')),
    state: Type.Optional(text(32, 'State in EKS, in Kubernetes spelling; for people.')),
    version: Type.Optional(text(32, 'Kubernetes version of the group.')),
    releaseVersion: Type.Optional(text(64, 'Release of its image.')),
    scaling: Type.Optional(
      struct(
        {
          minSize: count('Least nodes, as the Auto Scaling group has it.'),
          maxSize: count('Most nodes, as the Auto Scaling group has it.'),
          desiredSize: count('Nodes wanted, as the Auto Scaling group has it.'),
          desiredSizeOwner: stringEnum(['Spec', 'Orders', 'External'], { description: 'Who decides the number.' }),
        },
        'Sizes in AWS.',
      ),
    ),
    wantedSize: Type.Optional(
      count('Nodes wanted, for kubectl get: spec.scaling.desiredSize, or the number in AWS where that one rules (sizeOwner External, management Observe).'),
    ),
    nodes: Type.Optional(
      struct(
        {
          running: count('Instances that run and are not on their way out.'),
          joined: count('Instances that have a Node.'),
          ready: count('Nodes that are Ready.'),
          warm: Type.Optional(count('Instances of the warm pool, which are counted nowhere else.')),
          summary: text(32, 'For kubectl get, 3/4: nodes that are Ready, and how many are wanted or, while some leave, are still there.'),
          missing: Type.Optional(
            listAtomic(
              struct({ instanceId: text(32, 'Instance.'), since: time('Since when it was seen to run without a Node.') }, 'An instance without a Node.'),
              { maxItems: 20 },
              { description: 'Running instances that have no Node, those that have lacked it longest first; after 15 minutes NotJoined.' },
            ),
          ),
        },
        'Nodes by state.',
      ),
    ),
    selector: Type.Optional(
      text(
        128,
        'Label selector of the Nodes of the group. A HorizontalPodAutoscaler asks the scale subresource for one, and works with metrics per node only.',
      ),
    ),
    zones: Type.Optional(
      listMap(struct({ name: text(32, 'Zone.'), running: count('Instances that run there.') }, 'A zone.'), ['name'], 16, { description: 'Instances by zone.' }),
    ),
    autoScalingGroups: Type.Optional(listAtomic(text(256, 'Name.'), { maxItems: 16 }, { description: 'Auto Scaling groups behind the node group.' })),
    launchTemplate: Type.Optional(
      struct(
        {
          id: Type.Optional(text(32, 'Id.')),
          name: Type.Optional(text(255, 'Name.')),
          version: Type.Optional(text(20, 'Version.')),
        },
        'The launch template that EKS uses.',
      ),
    ),
    ownership: Type.Optional(ownership),
    operation: Type.Optional(operation),
    creation: Type.Optional(creation),
    removals: Type.Optional(listAtomic(removalState, { maxItems: 200 }, { description: 'Nodes on their way out.' })),
    withdrawal: Type.Optional(withdrawal),
    rebalance: Type.Optional(
      struct(
        {
          suspendedAt: time('When.'),
          scalingGroup: text(256, 'Auto Scaling group.'),
          resumedAt: Type.Optional(time('When it was resumed: from then on only the tag is ours, and whoever suspends it is somebody else.')),
        },
        'AZRebalance, while we hold it suspended (aws-rules B6); what others suspended is not ours to resume.',
      ),
    ),
    zonesUnevenSince: Type.Optional(time('Since when zones differ by more than one instance: after 15 minutes ZonesUneven.')),
    deletion: Type.Optional(deletionState),
    update: Type.Optional(updateState),
    inheritedApproval: Type.Optional(text(64, 'Value of tidegate.io/approve-update that the object came with, as after a restore: it approves nothing.')),
    applied: Type.Optional(applied),
    cost: Type.Optional(cost),
    healthIssues: Type.Optional(healthIssues),
    observed: Type.Optional(observed),
    drift: Type.Optional(listAtomic(drift, { maxItems: 20 }, { description: 'Differences between the spec and AWS.' })),
    history: Type.Optional(listAtomic(historyEntry, { maxItems: 10 }, { description: 'The last operations, oldest first.' })),
  },
  'What is seen.',
)

export type EksNodeGroupStatus = Static<typeof eksNodeGroupStatus>
/** The intent that is stored before a call. */
export type EksNodeGroupOperation = Static<typeof operation>
