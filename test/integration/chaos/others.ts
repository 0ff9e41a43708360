import { expect } from 'vitest'
import type { Node, Taint } from '../../../src/kube/objects.ts'
import { resources } from '../../../src/kube/resource.ts'
import { eventually } from '../../support/eventually.ts'
import type { Actor } from './story.ts'

const as = { fieldManager: 'person', signal: new AbortController().signal }
const theirs: Taint = { key: 'example.com/theirs', value: 'kept', effect: 'NoSchedule' }

/**
 * Somebody else at work on the nodes that a group has: a taint on each, and a cordon on the first one where no node has any. Gives what throws when
 * a node that is still there has other taints of others, or another cordon.
 */
export async function othersAtWork(actor: Actor): Promise<() => Promise<void>> {
  const { stage, group, name } = actor
  const nodes = await stage.nodesOf(name)
  const noCordon = nodes.every(({ spec }) => spec.unschedulable !== true)
  for (const [index, { metadata }] of nodes.entries()) await claim(actor, metadata.name, noCordon && index === 0)
  const before = new Map((await stage.nodesOf(name)).map((node) => [node.metadata.uid, node]))
  return async () => {
    const own = new Set(((await group.find())?.spec.taints ?? []).map(({ key }) => key))
    for (const node of await stage.nodesOf(name)) {
      const then = before.get(node.metadata.uid)
      if (then === undefined) continue
      expect(taintsOfOthers(node, own)).toEqual(taintsOfOthers(then, own))
      expect(node.spec.unschedulable).toBe(then.spec.unschedulable)
    }
  }
}

/** The taint that `othersAtWork` put on each node is still there. */
export function expectTheirs(nodes: readonly Node[]): void {
  for (const { spec } of nodes) expect(spec.taints).toContainEqual(theirs)
}

/** In one write that loses to any other and is then tried again, as controllers do it. */
async function claim({ stage }: Actor, name: string, cordon: boolean): Promise<void> {
  await eventually(async () => {
    const { metadata, spec } = await stage.client.get<Node>(resources.nodes, { name }, as)
    await stage.client.jsonPatch(
      resources.nodes,
      { name },
      [
        { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
        { op: 'add', path: '/spec/taints', value: [...(spec.taints ?? []), theirs] },
        ...(cordon ? [{ op: 'add', path: '/spec/unschedulable', value: true } as const] : []),
      ],
      as,
    )
  })
}

/** Less ours, those of the group, and those by which Kubernetes repeats a condition or a cordon. */
function taintsOfOthers({ spec }: Node, own: ReadonlySet<string>): readonly Taint[] {
  return (spec.taints ?? []).filter(({ key }) => !own.has(key) && !/^(tidegate|node\.kubernetes)\.io\//.test(key))
}
