import type { IamPolicyOptions } from '../aws/iam-policy.ts'
import { UsageError } from './process.ts'

/** What `tidegate iam-policy` was told. */
export interface IamPolicyFlags {
  readonly region?: string
  readonly account?: string
  readonly cluster?: string
  readonly passRole?: readonly string[]
  readonly targetRole?: readonly string[]
}

/**
 * One installation, from flags that were read one by one.
 *
 * Throws a `UsageError` where two of them cannot be of one installation: IAM takes such a policy, and it allows less than its reader thinks.
 */
export function iamPolicyOptions({ region, account, cluster, passRole, targetRole }: IamPolicyFlags): IamPolicyOptions {
  const partition = onePartition([
    ...(region === undefined ? [] : [{ given: `--region ${region}`, partition: partitionOfRegion(region) }]),
    ...(passRole ?? []).map((arn) => ({ given: `--pass-role ${arn}`, partition: partitionOfArn(arn) })),
    ...(targetRole ?? []).map((arn) => ({ given: `--target-role ${arn}`, partition: partitionOfArn(arn) })),
  ])
  const stranger = account === undefined ? undefined : passRole?.find((arn) => accountOf(arn) !== account)
  if (stranger !== undefined) throw new UsageError(`a role is passed in its own account alone: --pass-role ${stranger} is not of --account ${account}`)
  return {
    ...(partition === undefined ? {} : { partition }),
    ...(region === undefined ? {} : { region }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(passRole === undefined ? {} : { passRoleArns: passRole }),
    ...(targetRole === undefined ? {} : { targetRoleArns: targetRole }),
  }
}

interface Place {
  readonly given: string
  readonly partition: string
}

/** The partition of one is that of all else in the policy. */
function onePartition(places: readonly Place[]): string | undefined {
  const [first] = places
  const other = places.find(({ partition }) => partition !== first?.partition)
  if (first !== undefined && other !== undefined)
    throw new UsageError(`one policy is for one partition: ${first.given} is of ${first.partition}, ${other.given} of ${other.partition}`)
  return first?.partition
}

/** The partitions beside `aws`, by how the names of their regions begin (partitions.json of the SDK's endpoint rules). */
const partitions: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
]

function partitionOfRegion(region: string): string {
  return partitions.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws'
}

function partitionOfArn(arn: string): string {
  return arn.split(':')[1] ?? ''
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? ''
}
