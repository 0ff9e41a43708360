import type { AwsAction, AwsService } from './api.ts'
import type { AwsErrorKind } from './aws-error.ts'

/**
 * One row: which failure it is for, and what we make of it. The first row that fits wins, so the narrow ones stand first.
 *
 * `text` is used only where AWS gives one code for several things; the source then quotes the text.
 */
export interface ErrorRow {
  readonly code: string | readonly string[]
  readonly service?: AwsService
  readonly action?: AwsAction
  readonly text?: RegExp
  readonly kind: AwsErrorKind
  readonly reason: string
  /** What a person can do; a sentence. */
  readonly remedy: string
  readonly source: string
}

/** The remedy for a right that is missing: calls about a target with a role of its own are made as that one. */
export const allowIt = "Allow it in the IAM policy of the role that asked: spec.aws.roleArn of the TargetCluster where that names one, else the operator's own."
