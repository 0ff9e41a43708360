import { type Condition, type Grant, type Permission, permissions, type Scope } from './permissions.ts'

interface IamStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Condition
}

export interface IamPolicy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly IamStatement[]
}

/** Fits the policy to what an installation really has; the default fits any whose roles are on the path `/tidegate/`. */
export interface IamPolicyOptions {
  /** `aws` (default), `aws-cn`, `aws-us-gov`. */
  readonly partition?: string
  readonly region?: string
  readonly accountId?: string
  readonly cluster?: string
  /** The roles that nodes may be given, as in `spec.allow.passRoleArns` of the TargetClusters; default: every role of the path `/tidegate/`. */
  readonly passRoleArns?: readonly string[]
  /** The roles that may be assumed, as in `spec.aws.roleArn` of the TargetClusters; default: every role of the path `/tidegate/`, in any account. */
  readonly targetRoleArns?: readonly string[]
}

/**
 * The IAM policy that the operator needs, and nothing else: every call of api.ts and what AWS checks beside it (permissions.ts).
 *
 * Guarantees: the same input gives the same text; statements and actions are sorted, one statement per reach and condition.
 */
export function iamPolicy(options: IamPolicyOptions = {}): IamPolicy {
  const statements = new Map<string, { readonly scope: Scope; readonly condition: Condition | undefined; readonly actions: Set<string> }>()
  for (const grant of allGrants()) {
    const { action, scope } = grant
    const condition = conditionOf(grant, options)
    const key = `${scope} ${JSON.stringify(condition ?? {})}`
    const statement = statements.get(key) ?? { scope, condition, actions: new Set() }
    statements.set(key, statement)
    statement.actions.add(action)
  }
  const Statement: IamStatement[] = []
  for (const { scope, condition, actions } of statements.values()) {
    const Action = [...actions].toSorted()
    const words = condition === undefined || scope === 'ScalingGroup' ? [] : Action.map((action) => action.slice(action.indexOf(':') + 1))
    const common = { Sid: [scope, ...words].join(''), Effect: 'Allow', Action, Resource: resources(scope, options) } as const
    Statement.push(condition === undefined ? common : { ...common, Condition: condition })
  }
  return { Version: '2012-10-17', Statement: Statement.toSorted((a, b) => (a.Sid < b.Sid ? -1 : 1)) }
}

/** The policy as the text of `config/iam/policy.json`. */
export function renderIamPolicy(options: IamPolicyOptions = {}): string {
  return `${JSON.stringify(iamPolicy(options), null, 2)}\n`
}

function allGrants(): readonly Grant[] {
  const grants: Grant[] = []
  for (const [action, { alsoNeeds, ...own }] of Object.entries<Permission>(permissions)) {
    if (own.needsNoGrant !== true) grants.push({ action, ...own })
    grants.push(...alsoNeeds)
  }
  return grants
}

function conditionOf({ scope, condition, conditionInChina }: Grant, options: IamPolicyOptions): Condition | undefined {
  const own = options.partition === 'aws-cn' ? (conditionInChina ?? condition) : condition
  return own ?? scopeCondition(scope, options)
}

/** EKS tags every Auto Scaling group that it makes for a node group with the cluster's name; groups of anybody else are out of reach (aws-rules A7). */
function scopeCondition(scope: Scope, { cluster = '*' }: IamPolicyOptions): Condition | undefined {
  return scope === 'ScalingGroup' ? { StringLike: { 'aws:ResourceTag/eks:cluster-name': cluster } } : undefined
}

function resources(scope: Scope, options: IamPolicyOptions): readonly string[] {
  const { partition = 'aws', region = '*', accountId = '*', cluster = '*' } = options
  const eks = `arn:${partition}:eks:${region}:${accountId}`
  const role = `arn:${partition}:iam::${accountId}:role`
  const clusterArn = `${eks}:cluster/${cluster}`
  const nodeGroupArn = `${eks}:nodegroup/${cluster}/*/*`
  const serviceRoleArn = `${role}/aws-service-role/eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup`
  const { passRoleArns = [`${role}/tidegate/*`], targetRoleArns = [`arn:${partition}:iam::*:role/tidegate/*`] } = options
  const reach: Readonly<Record<Scope, readonly string[]>> = {
    Cluster: [clusterArn],
    NodeGroup: [nodeGroupArn],
    ClusterAndNodeGroup: [clusterArn, nodeGroupArn],
    NodeRole: passRoleArns,
    TargetRole: targetRoleArns,
    NodeAndServiceRole: [...passRoleArns, serviceRoleArn],
    NodeGroupServiceRole: [serviceRoleArn],
    ScalingGroup: [`arn:${partition}:autoscaling:${region}:${accountId}:autoScalingGroup:*:autoScalingGroupName/eks-*`],
    Any: ['*'],
  }
  return reach[scope]
}
