import { readFile } from 'node:fs/promises'
import type { Condition } from '../../src/kube/objects.ts'

/** One request as the API server's audit log tells it. */
export interface AuditedRequest {
  readonly at: Date
  readonly user: string
  readonly verb: string
  /** `eksnodegroups/status t1/workers` */
  readonly target: string
  /** Without the subresource. */
  readonly resource: string
  /** `eksnodegroups/status` */
  readonly kind: string
  readonly apiGroup: string
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly code: number
  /** The conditions that a status write carried. */
  readonly conditions: readonly Condition[]
}

interface Line {
  readonly auditID: string
  readonly verb: string
  readonly requestReceivedTimestamp: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly resource: string
    readonly apiGroup?: string
    readonly subresource?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
  readonly requestObject?: { readonly status?: { readonly conditions?: readonly Condition[] } }
}

/** The operator's service account, as the API server knows it. */
export const operatorUser = 'system:serviceaccount:tidegate-system:tidegate-operator'

const reads: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

/** Whether a request changes nothing. */
export function isRead({ verb }: AuditedRequest): boolean {
  return reads.has(verb)
}

/**
 * For the API server of a test's plane: beside all writes, whatever the operator and the user `people.approver` ask (a watch when it begins and when
 * it ends), and with the operator's status writes what was written.
 */
export const testAuditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Request
  users: ["${operatorUser}"]
  verbs: [patch]
  resources: [{group: tidegate.io, resources: ["*/status"]}]
- level: Metadata
  users: ["${operatorUser}", approver@example.com]
- level: None
  verbs: [get, list, watch]
- level: Metadata
`

/** The lines of a log that is still written: of the last one only half may be there. */
export function wholeLines(log: string): readonly string[] {
  return log.split('\n').slice(0, -1)
}

/** Every request in the log, oldest first, each once. */
export async function audited(auditLog: string): Promise<readonly AuditedRequest[]> {
  const lines = wholeLines(await readFile(auditLog, 'utf8')).map((line) => JSON.parse(line) as Line)
  return [...new Map(lines.map((line) => [line.auditID, line])).values()].map(read)
}

/** What the operator wrote according to the API server, oldest first; Events are left out, since they are told apart and aggregated. */
export async function operatorWrites(auditLog: string, filter: { readonly after?: Date; readonly about?: string } = {}): Promise<readonly AuditedRequest[]> {
  const { after, about } = filter
  return (await audited(auditLog)).filter(
    (request) =>
      request.user === operatorUser &&
      !isRead(request) &&
      request.resource !== 'events' &&
      (after === undefined || request.at >= after) &&
      (about === undefined || request.target.endsWith(about)),
  )
}

function read({ verb, requestReceivedTimestamp, user, objectRef, responseStatus, requestObject }: Line): AuditedRequest {
  const { resource = '', apiGroup = '', subresource, namespace, name } = objectRef ?? {}
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`
  return {
    at: new Date(requestReceivedTimestamp),
    user: user.username,
    verb,
    target: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name ?? ''}`,
    resource,
    kind,
    apiGroup,
    namespace,
    name,
    code: responseStatus?.code ?? 0,
    conditions: requestObject?.status?.conditions ?? [],
  }
}
