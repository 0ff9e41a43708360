import type { Pass } from '../pass.ts'

/** Whether the API server knows a Node of the group that the watch has not shown: it may be that of an instance without one. Errors: `KubeError`. */
export async function hasUnseenNode({ target, name, context }: Pick<Pass, 'target' | 'name' | 'context'>): Promise<boolean> {
  const names = await target.nodes.namesInGroup(name, context)
  return names.some((found) => target.nodes.byName(found) === undefined)
}
