import { KubeError } from './kube-error.ts'
import type { ObjectKey, Resource } from './resource.ts'

/** One segment of a path, escaped; `.`, `..` and the empty name would lead to another object. */
function segment(value: string): string {
  if (value === '' || value === '.' || value === '..') throw new KubeError(400, 'BadRequest', `"${value}" is not a name`)
  return encodeURIComponent(value)
}

/** `/api/v1/namespaces/x/pods`: where `resource` is listed and created. */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.group === '' ? `/api/${segment(resource.version)}` : `/apis/${segment(resource.group)}/${segment(resource.version)}`
  const scope = namespace === undefined || namespace === '' || !resource.namespaced ? '' : `/namespaces/${segment(namespace)}`
  return `${root}${scope}/${segment(resource.plural)}`
}

/** Where one object is. A namespaced resource without a namespace is refused: its path would mean something else. */
export function objectPath(resource: Resource, key: ObjectKey, subresource?: string): string {
  if (resource.namespaced && (key.namespace === undefined || key.namespace === '')) {
    throw new KubeError(400, 'BadRequest', `${resource.plural} ${key.name}: the namespace is missing`)
  }
  const object = `${collectionPath(resource, key.namespace)}/${segment(key.name)}`
  return subresource === undefined ? object : `${object}/${segment(subresource)}`
}

/** `?a=1&b=2` of what is defined, or nothing. */
export function queryOf(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== '') query.set(name, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}
