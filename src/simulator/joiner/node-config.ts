import type { JsonPatchOperation } from '../../kube/client.ts'
import type { Node, Taint } from '../../kube/objects.ts'
import type { Nodegroup } from '../state.ts'

/** The labels and taints that the node group has put on a Node, so that a later change knows what to take off. */
export const configAnnotation = 'simulator.tidegate.io/node-group-config'

interface Config {
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
}

const effects = { NO_SCHEDULE: 'NoSchedule', NO_EXECUTE: 'NoExecute', PREFER_NO_SCHEDULE: 'PreferNoSchedule' } as const

/** The group's taints as Kubernetes spells them. */
export function nodeTaints(nodegroup: Nodegroup): readonly Taint[] {
  return nodegroup.taints.map(({ key, value, effect }) => ({ key, effect: effects[effect], ...(value === undefined ? {} : { value }) }))
}

export function configText(nodegroup: Nodegroup): string {
  const labels = Object.fromEntries(Object.entries(nodegroup.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return JSON.stringify({ labels, taints: nodeTaints(nodegroup) } satisfies Config)
}

/**
 * What brings a Node to the group's present labels and taints, as EKS does for the nodes of a group after an update (EKS user guide, "Edit a node
 * group"): what the group had put there and no longer has goes, everything of others stays. Empty when nothing changed. It begins with tests,
 * so that a Node that changed meanwhile is read again (422).
 */
export function configPatch(node: Node, nodegroup: Nodegroup): readonly JsonPatchOperation[] {
  const before = node.metadata.annotations?.[configAnnotation]
  const now = configText(nodegroup)
  if (before === undefined || before === now) return []
  const old = JSON.parse(before) as Config
  const wanted = JSON.parse(now) as Config
  const path = `/metadata/annotations/${escaped(configAnnotation)}`
  return [
    { op: 'test', path: '/metadata/uid', value: node.metadata.uid },
    { op: 'test', path, value: before },
    { op: 'replace', path, value: now },
    ...labelOperations(node, old, wanted),
    ...taintOperations(node, old, wanted),
  ]
}

function labelOperations(node: Node, old: Config, wanted: Config): readonly JsonPatchOperation[] {
  const gone = Object.keys(old.labels).filter((name) => !(name in wanted.labels) && name in (node.metadata.labels ?? {}))
  return [
    ...gone.map((name): JsonPatchOperation => ({ op: 'remove', path: `/metadata/labels/${escaped(name)}` })),
    ...Object.entries(wanted.labels).map(([name, value]): JsonPatchOperation => ({ op: 'add', path: `/metadata/labels/${escaped(name)}`, value })),
  ]
}

function taintOperations(node: Node, old: Config, wanted: Config): readonly JsonPatchOperation[] {
  const path = '/spec/taints'
  const { taints } = node.spec
  const ofGroup = new Set([...old.taints, ...wanted.taints].map(identity))
  const next = [...(taints ?? []).filter((taint) => !ofGroup.has(identity(taint))), ...wanted.taints]
  if (taints === undefined) return next.length === 0 ? [] : [{ op: 'add', path, value: next }]
  return [
    { op: 'test', path, value: taints },
    { op: 'replace', path, value: next },
  ]
}

function identity({ key, effect }: Taint): string {
  return `${key}:${effect}`
}

/** RFC 6901. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
