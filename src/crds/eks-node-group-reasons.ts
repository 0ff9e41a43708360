import { accessReasons, writeReasons } from './aws-reasons.ts'
import { commonReasons, type Reasons } from './reasons.ts'

/** Dependents of Ready, in the order in which they are asked. */
export const eksNodeGroupConditions = ['Provisioned', 'UpToDate', 'NodesReady', 'Healthy', 'WithinLimits', 'InSync'] as const

export const eksNodeGroupReasons = {
  ...commonReasons,
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
  ClusterUnreachable: {
    conditions: ['Ready', 'Reconciling'],
    needsPerson: true,
    meaning: 'The API server of the target has not answered for 60 s, so nodes cannot be judged. Look at the TargetCluster.',
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
  EksClusterNotFound: {
    conditions: ['Provisioned', 'Stalled'],
    needsPerson: true,
    meaning: 'EKS knows no cluster of the name that the TargetCluster gives. Check name, region and account there.',
  },
  Creating: { conditions: ['Provisioned', 'Reconciling'], needsPerson: false, meaning: 'EKS makes the node group.' },
  Active: { conditions: ['Provisioned'], needsPerson: false, meaning: 'The node group exists and EKS calls it active.' },
  Observed: {
    conditions: ['Provisioned', 'UpToDate', 'WithinLimits', 'InSync'],
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
    meaning: 'A node group of this name exists and adoption is CreateOnly. Set policy.adoption: AdoptOrCreate, or choose another name.',
  },
  OwnedByAnother: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The node group carries the mark of another object. Delete that object, or take it over with the annotation tidegate.io/take-over.',
  },
  CreateFailed: {
    conditions: ['Provisioned', 'Stalled'],
    needsPerson: true,
    meaning: 'EKS could not make the node group; after three attempts nothing more is tried. status.creation.issues says why.',
  },
  DeleteFailed: {
    conditions: ['Provisioned'],
    needsPerson: true,
    meaning: 'EKS could not delete the node group; status.healthIssues says why. While this object is deleted, it is asked for again with growing delays.',
  },
  AutoScalingGroupNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The Auto Scaling group behind the node group was deleted, and EKS does not make it again. Delete this object and apply it again.',
  },
  GroupLockedByOperator: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'Another AWS service operates the Auto Scaling group. Release it there.',
  },
  Current: { conditions: ['UpToDate'], needsPerson: false, meaning: 'Version, release and template of the group are those of the spec.' },
  VersionDiffers: {
    conditions: ['UpToDate'],
    needsPerson: true,
    meaning:
      'The spec names another version, release or template version than the group has. Updates are not run yet: update the group in EKS, or set the spec to what it has.',
  },
  Updating: { conditions: ['Provisioned', 'UpToDate', 'Reconciling'], needsPerson: false, meaning: 'EKS updates the node group.' },
  AllReady: { conditions: ['NodesReady'], needsPerson: false, meaning: 'Every wanted node is there and Ready.' },
  ScaledToZero: { conditions: ['NodesReady'], needsPerson: false, meaning: 'No node is wanted and none is there.' },
  WaitingForInstances: { conditions: ['NodesReady', 'Reconciling'], needsPerson: false, meaning: 'Wanted instances do not run yet.' },
  WaitingForNodes: { conditions: ['NodesReady', 'Reconciling'], needsPerson: false, meaning: 'Instances run whose Node has not joined yet.' },
  NodeNotReady: {
    conditions: ['NodesReady', 'Reconciling'],
    needsPerson: true,
    meaning: 'A Node of the group is not Ready; the message names it and its reason. Look at the node.',
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
  NoIssues: { conditions: ['Healthy'], needsPerson: false, meaning: 'EKS reports no health issue.' },
  Degraded: { conditions: ['Healthy'], needsPerson: true, meaning: 'EKS reports health issues; status.healthIssues lists them.' },
  InsideLimits: { conditions: ['WithinLimits'], needsPerson: false, meaning: 'The wanted number lies between minSize and maxSize.' },
  BelowMinimum: {
    conditions: ['WithinLimits'],
    needsPerson: true,
    meaning: 'The wanted number lies below minSize; it is treated as minSize. Change one of the two.',
  },
  AboveMaximum: {
    conditions: ['WithinLimits'],
    needsPerson: true,
    meaning: 'More nodes are wanted or there than maxSize. Lower desiredSize, or raise maxSize.',
  },
  NoDrift: { conditions: ['InSync'], needsPerson: false, meaning: 'AWS has what the spec says.' },
  Drifted: {
    conditions: ['InSync'],
    needsPerson: true,
    meaning: 'AWS differs from the spec in a way that is not corrected; status.drift lists it with the remedy.',
  },
  Correcting: { conditions: ['InSync'], needsPerson: false, meaning: 'AWS differs from the spec and is being corrected.' },
  Scaling: { conditions: ['Reconciling'], needsPerson: false, meaning: 'The number of nodes is being changed.' },
  SizeRefused: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning:
      'The number of nodes that was found cannot be filled in as scaling.desiredSize; the message says why. Set scaling.allowLarge, or write desiredSize yourself.',
  },
  ScaleDownNotSupported: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'Fewer nodes are wanted than run. Nodes are not removed yet in this version: raise desiredSize again.',
  },
  WaitingForConfirmation: {
    conditions: ['Reconciling'],
    needsPerson: true,
    meaning: 'The object is being deleted while nodes run. Confirm with the annotation tidegate.io/confirm-deletion, or set policy.deletion: Retain.',
  },
  NodesStillRunning: {
    conditions: ['Reconciling'],
    needsPerson: true,
    meaning:
      'The object is being deleted while nodes run, and nodes are not drained yet in this version. Bring the group to 0, or set policy.deletion: Retain.',
  },
} as const satisfies Reasons
