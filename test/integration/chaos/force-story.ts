import { expect } from 'vitest'
import type { Node } from '../../../src/kube/objects.ts'
import { type AuditedRequest, audited, operatorUser } from '../../support/audit.ts'
import { Workload } from '../../support/workload.ts'
import { expectAtRest, expectScene, nodesReady, run, sceneOf, setNumber, setScene } from './scene.ts'
import type { Actor, Story } from './story.ts'

const operator = '--serviceaccount=tidegate-system:tidegate-operator'

/** What a drain is given: on a clock of the operator that is ten times as fast it takes 18 s, on the real one a minute, the least that the CRD takes. */
export const givenSeconds = { fast: 180, real: 60 } as const

/** Of that time; what goes by before the node is isolated, and until the first eviction, uses up the rest. */
const leastWaitMs = 3_000

/** A pod whose budget lets nobody evict it. */
function stuckPod({ name }: Actor): string {
  return `${name}-stuck`
}

/** What the operator asked of the API server about pods of this actor, oldest first. */
async function askedOfPods({ stage, name }: Actor): Promise<readonly AuditedRequest[]> {
  const all = await audited(stage.plane.auditLog)
  return all.filter(({ user, resource, name: pod }) => user === operatorUser && resource === 'pods' && pod?.startsWith(`${name}-`) === true)
}

/** P3: evicted first, and deleted once, by the permission that a person gave, when its time is over; nothing else is deleted. */
async function expectForced(actor: Actor): Promise<void> {
  const asked = await askedOfPods(actor)
  const evictions = asked.filter(({ kind, name }) => kind === 'pods/eviction' && name === stuckPod(actor))
  const deletions = asked.filter(({ kind, verb }) => kind === 'pods' && verb === 'delete')
  expect(new Set(deletions.map(({ name }) => name))).toEqual(new Set([stuckPod(actor)]))
  expect(deletions.filter(({ code }) => code === 200)).toHaveLength(1)
  expect(evictions.map(({ code }) => code)).not.toContain(201)
  const [evicted] = evictions
  const [deleted] = deletions
  expect((deleted?.at.getTime() ?? 0) - (evicted?.at.getTime() ?? 0)).toBeGreaterThan(leastWaitMs)
}

/** The operator's clock may be ahead of the API server's, as fast ones are: that takes nothing of the time which a drain is given. */
async function allowForce(actor: Actor, seconds: number): Promise<void> {
  const scaling = { minSize: 0, maxSize: 3, desiredSize: 2 } as const
  await actor.apply({ scaleDown: { timeout: `${seconds}s`, onTimeout: 'Force' }, scaling })
  await actor.group.ready()
}

export const forcedAfter = (seconds: number): Story => ({
  title: 'pods that nothing evicts, where they may be deleted after a while',
  before: async (actor) => {
    const { stage, name } = actor
    const [busy, victim] = (await nodesReady(actor, 2)) as [Node, Node]
    const quiet = [await run(actor, 'a', busy), await run(actor, 'b', busy), await run(actor, 'c', busy)]
    const moved = [await run(actor, 'd', victim)]
    await run(actor, 'stuck', victim)
    const unguard = await new Workload(stage.client, 'chaos').guard(stuckPod(actor))
    await stage.kubectl('create', 'clusterrolebinding', name, '--clusterrole=tidegate-force-drain', operator)
    const lift = async (): Promise<void> => {
      await stage.kubectl('delete', 'clusterrolebinding', name)
      await unguard()
    }
    setScene(actor, { staying: [busy], victims: [victim], quiet, moved, lift })
    await allowForce(actor, seconds)
  },
  act: async (actor) => await setNumber(actor, 1),
  ended: expectAtRest,
  check: async (actor) => {
    try {
      await expectScene(actor)
      await expectForced(actor)
    } finally {
      await sceneOf(actor).lift?.()
    }
  },
})

export const forced = forcedAfter(givenSeconds.fast)
