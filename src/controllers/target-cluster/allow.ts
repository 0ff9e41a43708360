import type { TargetClusterSpec } from '../../crds/target-cluster.ts'
import type { Frozen } from '../../runtime/reconciler.ts'

export interface Use {
  readonly namespace: string
  readonly namespaceLabels: Readonly<Record<string, string>>
  /** Absent where no role is passed. */
  readonly roleArn: string | undefined
}

export interface Refusal {
  readonly reason: 'NotAllowedInNamespace' | 'RoleNotAllowed'
  readonly message: string
}

/** Why `use` of a target is not allowed (aws-rules A8), with the remedy; `undefined` when it is. Nothing is allowed that is not written. */
export function refuseUse(target: string, allow: Frozen<TargetClusterSpec>['allow'], use: Use): Refusal | undefined {
  const { names, selector } = allow?.namespaces ?? {}
  const byName = names?.includes(use.namespace) === true
  const wanted = Object.entries(selector?.matchLabels ?? {})
  const byLabel = wanted.length > 0 && wanted.every(([key, value]) => use.namespaceLabels[key] === value)
  if (!byName && !byLabel)
    return {
      reason: 'NotAllowedInNamespace',
      message: `TargetCluster ${target} does not let namespace ${use.namespace} in: an administrator adds it to spec.allow.namespaces`,
    }
  const { roleArn } = use
  if (roleArn !== undefined && allow?.passRoleArns?.some((pattern) => matches(pattern, roleArn)) !== true)
    return {
      reason: 'RoleNotAllowed',
      message: `TargetCluster ${target} does not let ${roleArn} be passed: an administrator adds it to spec.allow.passRoleArns`,
    }
  return undefined
}

/** `*` stands for any characters; everything else for itself. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let from = first.length
  for (const part of rest) {
    const at = text.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return text.length - last.length >= from && text.endsWith(last)
}
