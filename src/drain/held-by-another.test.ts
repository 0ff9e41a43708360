import { expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import type { Blocker } from '../scaling/drain/blocker.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import { DrainService } from './service.ts'
import { TestCluster } from './test-cluster.ts'
import { context, mark } from './test-service.ts'

const other = { kind: 'leaving', uid: 'u-other' } as const

/** What a drain of a node that bears another mark says, before it has begun, and at the last look. */
async function blockers(ownerOf?: (uid: string) => string | undefined): Promise<readonly Blocker[]> {
  const cluster = new TestCluster()
  const parts = { api: cluster.api, cache: cluster.cache, clock: new FakeClock(), random: seededRandom(1), metrics: createMetrics() }
  const service = new DrainService({ target: 'demo', ...parts, ...(ownerOf === undefined ? {} : { ownerOf }) })
  await service.isolate(cluster.ref, other, context)
  const { progress } = await service.drainNode({ node: cluster.ref, mark, rules: defaultDrainRules, deadline: undefined, state: undefined }, context)
  const look = await service.lastLook({ node: cluster.ref, mark, state: undefined }, context)
  return [...progress.blocked, ...(look.kind === 'changed' ? [look.blocker] : [])]
}

test('who holds a node is named, where this operator knows it', async () => {
  const all = await blockers((uid) => (uid === other.uid ? 'EksNodeGroup training/workers' : undefined))
  expect(all).toHaveLength(2)
  for (const { reason, by, message } of all) {
    expect({ reason, by }).toEqual({ reason: 'NodeHeldByAnother', by: 'EksNodeGroup training/workers' })
    expect(message).toMatch(/held by EksNodeGroup training\/workers \(taint tidegate\.io\/leaving=u-other\): waits until that one releases it$/)
  }
})

test('P8: a mark that nobody here has is told with the command that takes it off', async () => {
  const [first, second] = await blockers(() => undefined)
  expect(first).toEqual(second)
  expect(first).toMatchObject({ reason: 'NodeHeldByAnother', by: 'taint tidegate.io/leaving=u-other' })
  expect(first?.message).toMatch(
    /no object of this management cluster has that UID: .*kubectl taint node (\S+) tidegate\.io\/leaving-; kubectl label nodes -l \S+=tidegate --field-selector metadata\.name=\1 \S+-$/,
  )
})

test('without anybody to ask, both are left open', async () => {
  const [first] = await blockers()
  expect(first?.message).toContain('waits until that one releases it, or remove the taint if that object is gone')
})
