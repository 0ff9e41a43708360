import type { Reasons } from './reasons.ts'

/** AWS does not let us in, whatever is asked: the same on every kind that talks to it. `conditions` is where the kind shows it. */
export function accessReasons<const C extends readonly string[]>(conditions: C): Reasons {
  return {
    AccessDenied: {
      conditions,
      needsPerson: true,
      meaning:
        "AWS refuses a call. Give the actions of config/iam/policy.json to the role that asks: spec.aws.roleArn of the TargetCluster where it names one, else the operator's own; it is tried again every 10 minutes.",
    },
    RoleNotAssumed: {
      conditions,
      needsPerson: true,
      meaning:
        "AWS does not let the operator assume spec.aws.roleArn of the TargetCluster. The role's trust policy must name the operator's role, with the same external id, and the operator's IAM policy must allow it.",
    },
    NoCredentials: {
      conditions,
      needsPerson: true,
      meaning: 'The operator has no AWS credentials. Set up EKS Pod Identity for its service account, or the environment variables of AWS.',
    },
    CredentialsRefused: {
      conditions,
      needsPerson: true,
      meaning: 'AWS does not accept the credentials of the operator. Check that they are current and of the right account and region.',
    },
    ClockSkewed: {
      conditions,
      needsPerson: true,
      meaning: "The operator's clock differs from that of AWS by more than five minutes. Set it right.",
    },
  }
}

/** What AWS answers to a change that it will not make (`Stalled`) or not now (`Reconciling`). */
export const writeReasons = {
  SubnetNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'A subnet does not exist in the VPC, region and account of the cluster. Make a group with the right subnets.',
  },
  RoleNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The node role does not exist in the account; a new one takes a few seconds to be seen. Create it, or make a group with the right role.',
  },
  RoleNotTrusted: { conditions: ['Stalled'], needsPerson: true, meaning: 'The node role does not trust ec2.amazonaws.com. Correct its trust policy.' },
  UnsupportedZone: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'EKS does not offer this in the zone of a subnet. Make a group with subnets in other zones.',
  },
  RefusedByAws: { conditions: ['Stalled'], needsPerson: true, meaning: 'AWS refuses a value of the spec; the message is its own. Correct what it names.' },
  QuotaReached: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'A quota is used up (30 node groups a cluster and 450 nodes a group by default). Ask AWS for more, or remove what is not needed.',
  },
  ClusterNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'EKS knows no cluster of the name that the TargetCluster gives. Check name, region and account there.',
  },
  NodeGroupNotFound: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The node group went away while it was being changed. It is looked at again within 10 minutes.',
  },
  ClusterNotActive: { conditions: ['Reconciling'], needsPerson: false, meaning: 'The EKS cluster is not ACTIVE; the change is asked for again.' },
  NodeGroupBusy: { conditions: ['Reconciling'], needsPerson: false, meaning: 'EKS runs another operation on the group; the change waits for it.' },
  WaitingForPropagation: { conditions: ['Reconciling'], needsPerson: false, meaning: 'AWS is still spreading a new service-linked role.' },
  ScalingInProgress: { conditions: ['Reconciling'], needsPerson: false, meaning: 'The Auto Scaling group is scaling; the change waits for it.' },
  MinSizeReached: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The Auto Scaling group is at its minimum, so AWS ends no node. Lower scaling.minSize, or find out who raised the minimum in AWS.',
  },
  NodeGroupUnhealthy: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'EKS updates only healthy node groups. status.healthIssues says what is wrong; solve that first.',
  },
  SizeOutOfBounds: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'AWS takes no number of nodes outside the minimum and maximum of the Auto Scaling group. Find out who changed these in AWS.',
  },
  InsufficientCapacity: { conditions: ['Reconciling'], needsPerson: false, meaning: 'AWS has none of these instances now; it is asked again.' },
  Throttled: { conditions: ['Reconciling'], needsPerson: false, meaning: 'AWS asks for fewer calls; they are repeated more slowly.' },
} as const satisfies Reasons
