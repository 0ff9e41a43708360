import { readFile } from 'node:fs/promises'
import { wholeLines } from '../support/audit.ts'

/** A write that the API server answered. */
export interface Write {
  readonly atMs: number
  /** `patch eksnodegroups/status` */
  readonly what: string
  /** `namespace/name`, or the name alone. */
  readonly object: string
}

/** The writes of one user agent, without those that were refused, that arrived in a time of the wall clock. */
export async function writesOf(auditLog: string, agent: string, from: number, to = Number.POSITIVE_INFINITY): Promise<readonly Write[]> {
  const lines = wholeLines(await readFile(auditLog, 'utf8')).filter((line) => line.includes(`"userAgent":"${agent}"`))
  return lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ responseStatus }) => responseStatus.code < 400)
    .map(writeOf)
    .filter(({ atMs }) => atMs >= from && atMs <= to)
}

/** How often each `key` occurs, the most frequent first. */
export function countBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return new Map([...counts].toSorted(([, a], [, b]) => b - a))
}

interface AuditLine {
  readonly verb: string
  readonly requestReceivedTimestamp: string
  readonly objectRef: { readonly resource: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus: { readonly code: number }
}

function writeOf({ verb, requestReceivedTimestamp, objectRef }: AuditLine): Write {
  const { resource, subresource, namespace, name = '' } = objectRef
  return {
    atMs: Date.parse(requestReceivedTimestamp),
    what: `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`,
    object: namespace === undefined ? name : `${namespace}/${name}`,
  }
}
