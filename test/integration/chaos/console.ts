import { expect } from 'vitest'
import { nodeRole, subnets } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import type { Actor } from './story.ts'

const { signal } = new AbortController()

/** A person makes the group in the AWS console, with 0 to 4 nodes in one zone and these tags alone; when this returns it is active. */
export async function makeInConsole({ stage, name }: Actor, desiredSize: number, tags: Readonly<Record<string, string>>): Promise<void> {
  const { nodeGroups } = stage.cloud.console
  const scaling = { minSize: 0, maxSize: 4, desiredSize }
  const creation = { name, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling, instanceTypes: ['m6i.large'], tags }
  await nodeGroups.create('demo', creation, { token: name, signal })
  await eventually(async () => expect((await nodeGroups.describe('demo', name, { signal }))?.state).toBe('Active'))
}

/** A person deletes the group in the AWS console, as nobody else does any more; when this returns it is gone from EKS, and its Nodes with it. */
export async function deleteInConsole({ stage, name }: Actor, patience: Parameters<typeof eventually>[1] = {}): Promise<void> {
  await stage.cloud.console.nodeGroups.delete('demo', name, { signal })
  await eventually(async () => {
    expect(await stage.cloud.group(name)).toBeUndefined()
    expect(await stage.nodesOf(name)).toEqual([])
  }, patience)
}
