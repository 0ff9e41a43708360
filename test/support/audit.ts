import { readFile } from 'node:fs/promises'

/** One write that the API server took or refused. */
export interface AuditedWrite {
  readonly at: Date
  readonly user: string
  readonly verb: string
  /** `eksnodegroups/status t1/workers` */
  readonly target: string
  readonly resource: string
  readonly code: number
}

interface Line {
  readonly verb: string
  readonly requestReceivedTimestamp: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** The operator's service account, as the API server knows it. */
const operatorUser = 'system:serviceaccount:tidegate-system:tidegate-operator'

/** What the operator wrote according to the API server, oldest first; Events are left out, since they are told apart and aggregated. */
export async function operatorWrites(auditLog: string, filter: { readonly after?: Date; readonly about?: string } = {}): Promise<readonly AuditedWrite[]> {
  const { after, about } = filter
  const text = await readFile(auditLog, 'utf8')
  const writes = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => read(JSON.parse(line) as Line))
  return writes.filter(
    ({ user, at, target, resource }) =>
      user === operatorUser && resource !== 'events' && (after === undefined || at >= after) && (about === undefined || target.endsWith(about)),
  )
}

function read({ verb, requestReceivedTimestamp, user, objectRef, responseStatus }: Line): AuditedWrite {
  const { resource = '', subresource, namespace, name } = objectRef ?? {}
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`
  return {
    at: new Date(requestReceivedTimestamp),
    user: user.username,
    verb,
    target: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name ?? ''}`,
    resource,
    code: responseStatus?.code ?? 0,
  }
}
