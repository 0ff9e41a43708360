import { expect, test } from 'vitest'
import type { AwsErrorKind } from '../../aws/aws-error.ts'
import { errorTable } from '../../aws/error-table.ts'
import { eksNodeGroupReasons } from '../../crds/eks-node-group-reasons.ts'
import type { Reasons } from '../../crds/reasons.ts'

/** How a refused write shows on a node group; other kinds of "no" are thrown or handled without a word. */
const shownOn: Partial<Record<AwsErrorKind, string>> = {
  Invalid: 'Stalled',
  AccessDenied: 'Stalled',
  QuotaExceeded: 'Stalled',
  NotFound: 'Stalled',
  Busy: 'Reconciling',
  Throttled: 'Reconciling',
  NoCapacity: 'Reconciling',
}

/** Answers that no node group shows: the thing went away between the look and the call, and the next look sees it. */
const looked = new Set(['UpdateNotFound', 'InstanceNotFound'])

const rows = errorTable.flatMap(({ kind, reason }) => {
  const type = shownOn[kind]
  return type === undefined || looked.has(reason) ? [] : [[reason, type] as const]
})
test.each(rows)('%s of the AWS error table is explained for %s of a node group', (reason, type) => {
  const known: Reasons = eksNodeGroupReasons
  expect(known[reason]?.conditions).toContain(type)
})
