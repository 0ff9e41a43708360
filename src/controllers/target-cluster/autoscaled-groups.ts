import { load } from 'js-yaml'
import type { KubeObject } from '../../kube/objects.ts'

/** What Cluster Autoscaler writes about itself: `kube-system/cluster-autoscaler-status`. */
export interface AutoscalerStatus extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
}

/**
 * An autoscaler writes its status after each loop: 10 s apart by default, minutes apart when AWS is slow. Older, and it runs no more: it leaves the
 * ConfigMap behind.
 */
const staleAfterMs = 10 * 60_000

const updatedAnnotation = 'cluster-autoscaler.kubernetes.io/last-updated'

/**
 * Names of the Auto Scaling groups whose number a running Cluster Autoscaler moves; none when it has not written for ten minutes, or when its status
 * cannot be read. Only groups that it discovered stand in it: the tags that EKS puts on every managed group prove nothing.
 *
 * Source: kubernetes/autoscaler, cluster-autoscaler/clusterstate: `utils/status.go` (annotation and its time), `api/types.go` (YAML since 1.30),
 * `clusterstate.go` (text before 1.30).
 */
export function autoscaledGroups({ metadata, data }: AutoscalerStatus, now: Date): readonly string[] {
  const status = data?.['status'] ?? ''
  const written = goTime(metadata.annotations?.[updatedAnnotation])
  if (written === undefined || now.getTime() - written >= staleAfterMs) return []
  return namesInYaml(status) ?? namesInText(status)
}

/** Go's "2006-01-02 15:04:05.999999999 -0700 MST", in milliseconds. */
function goTime(text = ''): number | undefined {
  const [, day, time, hours, minutes] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d\d)(\d\d)\b/.exec(text) ?? []
  const ms = Date.parse(`${day}T${time}${hours}:${minutes}`)
  return Number.isNaN(ms) ? undefined : ms
}

function namesInYaml(status: string): readonly string[] | undefined {
  if (!/^autoscalerStatus:/m.test(status)) return undefined
  try {
    const { nodeGroups } = load(status) as { readonly nodeGroups?: unknown }
    return Array.isArray(nodeGroups) ? nodeGroups.flatMap(({ name }: { readonly name?: unknown }) => (typeof name === 'string' ? [name] : [])) : []
  } catch {
    return []
  }
}

/** Below `NodeGroups:` each group begins with a line `Name:`. */
function namesInText(status: string): readonly string[] {
  const [, groups = ''] = status.split(/^NodeGroups:\s*$/m)
  return [...groups.matchAll(/^\s+Name:\s+(\S+)\s*$/gm)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}
