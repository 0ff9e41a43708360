import { accessReasons, writeReasons } from './aws-reasons.ts'
import { commonReasons, type Reasons } from './reasons.ts'

/** Dependents of Ready, in the order in which they are asked. */
export const eksNodeGroupConditions = ['Provisioned', 'UpToDate', 'NodesReady', 'Healthy', 'ZonesEven', 'WithinLimits', 'InSync'] as const

export const eksNodeGroupReasons = {
  ...commonReasons,
  // What waits for it says so too: a change, a deletion.
  Suspended: { ...commonReasons.Suspended, conditions: ['Paused', 'InSync', 'Reconciling'] },
  Frozen: { ...commonReasons.Frozen, conditions: ['Paused', 'InSync', 'Reconciling'] },
  ...accessReasons(['Stalled']),
  ...writeReasons,
  ReferenceNotFound: {
    conditions: ['Provisioned', 'Reconciling'],
    needsPerson: true,
    meaning: 'The TargetCluster is not there. Create it, or correct targetClusterRef in a new object; it heals by itself.',
  },
  TargetNotReady: {
    conditions: ['Provisioned', 'Reconciling'],
    needsPerson: false,
    meaning: 'The TargetCluster is not Ready yet; the message repeats why.',
  },
  TargetGone: {
    conditions: ['Provisioned'],
    needsPerson: true,
    meaning: 'EKS had the cluster of the TargetCluster and has it no longer, so the node group is gone too. Delete the object; nothing waits for the cluster.',
  },
  TargetReplaced: {
    conditions: ['Provisioned', 'Reconciling'],
    needsPerson: true,
    meaning:
      'Another cluster answers at the address of the TargetCluster. A deletion ends once EKS no longer has the node group; correct the connection, or delete the group in EKS.',
  },
  WrongCluster: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning:
      'The node group is in another EKS cluster (name, region or account) than the one that the TargetCluster stands for since it was made anew. Nothing is done in either: make it of the first cluster again, or let the object go with policy.deletion Retain.',
  },
  ClusterUnreachable: {
    conditions: ['Ready', 'Reconciling'],
    needsPerson: true,
    meaning: 'The API server of the target cannot be worked with for 60 s, so nodes cannot be judged. Look at the TargetCluster.',
  },
  NotAllowedInNamespace: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The TargetCluster does not allow this namespace. A platform administrator adds it to spec.allow.namespaces there.',
  },
  RoleNotAllowed: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The TargetCluster does not allow this nodeRoleArn. A platform administrator adds it to spec.allow.passRoleArns there.',
  },
  NoEksCluster: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The TargetCluster names no EKS cluster. Set spec.eksClusterName there.',
  },
  EksClusterNotActive: {
    conditions: ['Provisioned'],
    needsPerson: false,
    meaning: 'The EKS cluster is being created, updated or deleted; the group waits for it.',
  },
  Creating: { conditions: ['Provisioned', 'Reconciling'], needsPerson: false, meaning: 'EKS makes the node group.' },
  Active: { conditions: ['Provisioned'], needsPerson: false, meaning: 'The node group exists and EKS calls it active.' },
  Observed: {
    conditions: ['Provisioned', 'UpToDate', 'ZonesEven', 'WithinLimits', 'InSync'],
    needsPerson: false,
    meaning: 'The node group is only looked at, so nothing can differ from a wish.',
  },
  Deleting: { conditions: ['Provisioned', 'Reconciling', 'Ready'], needsPerson: false, meaning: 'EKS deletes the node group.' },
  DeletedOutside: {
    conditions: ['Provisioned'],
    needsPerson: false,
    meaning: 'Somebody deleted the node group in AWS; it is made again if the policy allows it.',
  },
  NotFound: {
    conditions: ['Provisioned'],
    needsPerson: true,
    meaning: 'The node group is not there, and the policy (AdoptOnly, Observe) makes none. Create it in AWS or change the policy.',
  },
  AlreadyExists: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'A node group of this name exists and adoption is CreateOnly. Set policy.adoption: AdoptOrCreate, or make an object with another nodeGroupName.',
  },
  OwnedByAnother: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning:
      'The node group carries the mark of another object. Where that one lives, let it go with policy.deletion Retain first, or its deletion takes the nodes; then take the group over with the annotation tidegate.io/take-over.',
  },
  CreateFailed: {
    conditions: ['Provisioned', 'Stalled'],
    needsPerson: true,
    meaning:
      'EKS could not make the node group; after three attempts nothing more is tried until tidegate.io/retry, or a spec that asks EKS for something else. Where a node has joined, or the group was adopted, nothing is tried: the message has the way out. status.creation.issues says why.',
  },
  DeleteFailed: {
    conditions: ['Provisioned'],
    needsPerson: true,
    meaning: 'EKS could not delete the node group; status.healthIssues says why. While this object is deleted, it is asked for again with growing delays.',
  },
  AutoScalingGroupNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning:
      'The Auto Scaling group behind the node group was deleted, and EKS does not make it again. Delete this object and apply it again, as the message says.',
  },
  GroupLockedByOperator: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'Another AWS service operates the Auto Scaling group. Release it there.',
  },
  Current: { conditions: ['UpToDate'], needsPerson: false, meaning: 'Version, release and template of the group are those of the spec.' },
  Updating: {
    conditions: ['UpToDate', 'Reconciling'],
    needsPerson: false,
    meaning: 'EKS updates the node group. One that the operator did not start is somebody else’s.',
  },
  WaitingForApproval: {
    conditions: ['UpToDate'],
    needsPerson: true,
    meaning: 'An update of version, release or template waits for a person. Approve it with the annotation tidegate.io/approve-update.',
  },
  WaitingForWindow: {
    conditions: ['UpToDate', 'InSync', 'Reconciling'],
    needsPerson: false,
    meaning: 'An update, or nodes that leave: they start when a window of the TargetCluster opens; the message says when.',
  },
  UpdateHeldBack: {
    conditions: ['UpToDate'],
    needsPerson: false,
    meaning:
      'An update is wanted and waits: for nodes that leave, are missing or not Ready, for settings that come first, or for a place of the target’s budget. It begins by itself once that is over.',
  },
  UpdateBarred: {
    conditions: ['UpToDate'],
    needsPerson: true,
    meaning:
      'EKS does not take the update that the spec asks for: a version newer than the cluster’s or older than the group’s, another launch template than the group’s, or what Stalled says. Do what the message says.',
  },
  UpdateRunning: {
    conditions: ['UpToDate', 'Reconciling'],
    needsPerson: false,
    meaning: 'EKS updates the nodes. It chooses them itself, evicts for 15 minutes each, and cannot be stopped once started.',
  },
  UpdateFailed: {
    conditions: ['UpToDate'],
    needsPerson: true,
    meaning:
      'EKS gave the update up; the message names what was in the way. It is not repeated until tidegate.io/retry, an approval of a later generation, or another wish asks for it.',
  },
  AllReady: { conditions: ['NodesReady'], needsPerson: false, meaning: 'Every wanted node is there and Ready.' },
  ScaledToZero: { conditions: ['NodesReady'], needsPerson: false, meaning: 'No node is wanted and none is there.' },
  WaitingForInstances: { conditions: ['NodesReady', 'Reconciling'], needsPerson: false, meaning: 'Wanted instances do not run yet.' },
  WaitingForNodes: { conditions: ['NodesReady', 'Reconciling'], needsPerson: false, meaning: 'Instances run whose Node has not joined yet.' },
  NodesStarting: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: false,
    meaning: 'Nodes joined less than 5 minutes ago and are not Ready yet; their network plugin starts first.',
  },
  NodeNotReady: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning: 'A Node of the group is not Ready, and does not just start; the message names it and its reason. Look at the node.',
  },
  NotJoined: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning: 'An instance has run for 15 minutes without a Node. Check its access entry, the subnet routes and its user data.',
  },
  NoCapacity: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning: 'AWS has no capacity for the instance type in these zones. AWS keeps trying; add instance types or zones in another group.',
  },
  LaunchBlocked: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning:
      'AWS launches no instance, and waiting does not help: a right is missing, it refuses the launch template, a zone does not offer the type, or process Launch is suspended. The message names it and the next step.',
  },
  NoFreeAddresses: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning: 'A subnet of the group has no free address for another instance. Free addresses there, or make a group with larger subnets.',
  },
  QuotaReached: {
    ...writeReasons.QuotaReached,
    conditions: ['Stalled', 'NodesReady', 'Reconciling'],
    meaning:
      'A quota is used up: 30 node groups a cluster and 450 nodes a group by default, or the vCPUs of the account. Ask AWS for more, or remove what is not needed.',
  },
  NoIssues: { conditions: ['Healthy'], needsPerson: false, meaning: 'EKS reports no health issue.' },
  Degraded: { conditions: ['Healthy'], needsPerson: true, meaning: 'EKS reports health issues; status.healthIssues lists them.' },
  ZonesEven: { conditions: ['ZonesEven'], needsPerson: false, meaning: 'The zones of the group differ by at most one instance.' },
  ZonesUneven: {
    conditions: ['ZonesEven'],
    needsPerson: true,
    meaning:
      'The zones of the group have differed by more than one instance for 15 minutes. Look for capacity in the short zone, or lower the number: nodes of the fullest zone leave first.',
  },
  InsideLimits: { conditions: ['WithinLimits'], needsPerson: false, meaning: 'The wanted number lies between minSize and maxSize.' },
  BelowMinimum: {
    conditions: ['WithinLimits'],
    needsPerson: true,
    meaning: 'The wanted number lies below minSize; it is treated as minSize. Change one of the two.',
  },
  AboveMaximum: {
    conditions: ['WithinLimits'],
    needsPerson: true,
    meaning:
      'More nodes are wanted or there than maxSize, which rules, whoever owns the number: those above it leave by scaleDown, ended by name. To keep them raise maxSize, and desiredSize where it is lower than what runs; else lower desiredSize.',
  },
  NoDrift: { conditions: ['InSync'], needsPerson: false, meaning: 'AWS has what the spec says.' },
  Drifted: {
    conditions: ['InSync'],
    needsPerson: true,
    meaning: 'AWS differs from the spec in a way that is not corrected; status.drift lists it with the remedy.',
  },
  Correcting: { conditions: ['InSync', 'Reconciling'], needsPerson: false, meaning: 'AWS differs from the spec and is being corrected.' },
  Scaling: { conditions: ['Reconciling'], needsPerson: false, meaning: 'The number of nodes is being changed.' },
  RemovingNodes: {
    conditions: ['InSync', 'Reconciling'],
    needsPerson: false,
    meaning: 'Nodes leave: they are isolated, emptied within the budget of the TargetCluster, and ended by name. The message says how far each is.',
  },
  DrainBlocked: {
    conditions: ['InSync', 'Reconciling'],
    needsPerson: true,
    meaning: 'Something keeps a pod on a node that must leave; the message names both and the next step.',
  },
  RemovalRefused: {
    conditions: ['InSync', 'Reconciling'],
    needsPerson: true,
    meaning:
      'A node cannot be removed: it is none of this group, minSize lets no more leave, its drain ended at its timeout, the API server refuses to change it, or somebody wants all kept that could be chosen. status.removals, or the message, says why.',
  },
  ForceNotPermitted: {
    conditions: ['InSync', 'Reconciling'],
    needsPerson: true,
    meaning:
      'Nodes leave, scaleDown.onTimeout is Force, and the target does not let the operator delete pods: drains go on as with Wait. Bind tidegate-force-drain there, or set Wait or Fail.',
  },
  Withdrawing: {
    conditions: ['InSync', 'Reconciling'],
    needsPerson: false,
    meaning: 'Instances that have not arrived are taken back while those that run are protected from scale-in.',
  },
  TwoOwnersOfCount: {
    conditions: ['InSync'],
    needsPerson: true,
    meaning:
      'A Cluster Autoscaler that discovered this group moves its size too, so desiredSize is not asked for. Set scaling.sizeOwner: External, or take the group from the autoscaler.',
  },
  SizeRefused: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning:
      'The number of nodes that was found cannot be filled in as scaling.desiredSize; the message says why. Set scaling.allowLarge, or do what the rule says.',
  },
  WaitingForConfirmation: {
    conditions: ['Reconciling'],
    needsPerson: true,
    meaning: 'The object is being deleted while nodes run. Confirm with the annotation tidegate.io/confirm-deletion, or set policy.deletion: Retain.',
  },
  TakingBack: {
    conditions: ['Reconciling', 'InSync'],
    needsPerson: false,
    meaning:
      'The object is being deleted and its node group stays: our marks come off its nodes, for about 40 s at most, and the object goes. Or policy.management became Observe: they come off, however long it takes.',
  },
} as const satisfies Reasons
