import { readFileSync } from 'node:fs'
import { loadAll } from 'js-yaml'
import type { AuditedRequest } from '../../support/audit.ts'

/** One verb on one resource that a role grants. */
export interface Grant {
  readonly apiGroup: string
  /** With the subresource. */
  readonly resource: string
  readonly verb: string
  /** Only these names; any when absent. */
  readonly names: readonly string[] | undefined
  /** Only there; everywhere when absent. */
  readonly namespace: string | undefined
}

interface Role {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly resourceNames?: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

/** Every single right that a file of `config/rbac` grants. */
export function granted(file: string): readonly Grant[] {
  const text = readFileSync(new URL(`../../../config/rbac/${file}`, import.meta.url), 'utf8')
  const roles = loadAll(text) as unknown as readonly Role[]
  return roles.flatMap(({ metadata: { namespace }, rules = [] }) =>
    rules.flatMap(({ apiGroups, resources, resourceNames: names, verbs }) =>
      apiGroups.flatMap((apiGroup) => resources.flatMap((resource) => verbs.map((verb) => ({ apiGroup, resource, verb, names, namespace })))),
    ),
  )
}

/** Whether a request needed this right. */
export function uses(request: AuditedRequest, { apiGroup, resource, verb, names, namespace }: Grant): boolean {
  return (
    request.apiGroup === apiGroup &&
    request.kind === resource &&
    request.verb === verb &&
    (names === undefined || names.includes(request.name ?? '')) &&
    (namespace === undefined || request.namespace === namespace)
  )
}

export function inWords({ verb, resource, apiGroup, names, namespace }: Grant): string {
  const what = `${verb} ${resource}${apiGroup === '' ? '' : `.${apiGroup}`}`
  return `${what}${names === undefined ? '' : ` ${names.join(',')}`}${namespace === undefined ? '' : ` in ${namespace}`}`
}
