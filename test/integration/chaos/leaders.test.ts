import { expect, test } from 'vitest'
import { loadKubeConfig } from '../../../src/kube/cluster-access.ts'
import { eventually } from '../../support/eventually.ts'
import { FaultProxy } from '../../support/fault-proxy.ts'
import { KillableOperator } from '../../support/killable-operator.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { orderRemoves } from './leaving-stories.ts'
import { create } from './stories.ts'
import { Theatre } from './theatre.ts'

/** Shares a stage with nobody: who leads is a matter of the whole plane. */
test('a leader that dies in the middle of a creation is followed by the standby, and the end is the same', async ({ onTestFinished }) => {
  const theatre = await Theatre.open('leaders', { start: false })
  onTestFinished(async () => await theatre.close())
  const { stage } = theatre
  const proxy = await FaultProxy.start(await loadKubeConfig({ path: stage.plane.identities.operator }))
  onTestFinished(async () => await proxy.close())
  const common = { cloudUrl: stage.cloud.url, clock: fastClock(5), leaderElect: true }
  const first = new KillableOperator({ ...common, access: proxy.access })
  const second = new KillableOperator({ ...common, access: stage.plane.identities.operator })
  await first.start()
  await eventually(() => expect(first.isLeader()).toBe(true))
  await second.start()
  onTestFinished(async () => await second.stop())

  const actor = theatre.actor()
  const { struck } = first.arm(`eks:CreateNodegroup demo/${actor.name}`, { at: 1, when: 'after' })
  await create.act(actor)
  await struck
  expect(second.isLeader()).toBe(false)
  // A process that is killed releases nothing: its Lease stays until it runs out.
  await proxy.refuse()
  await first.kill()
  await eventually(async () => await create.ended(actor), { timeoutMs: 90_000 })
  expect(second.isLeader()).toBe(true)
  await create.check(actor)
  await theatre.end(actor)
})

test('two operators that both believe to lead make one group, not two', async ({ onTestFinished }) => {
  const theatre = await Theatre.open('both')
  onTestFinished(async () => await theatre.close())
  const { stage } = theatre
  const other = new KillableOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(10) })
  await other.start()
  onTestFinished(async () => await other.stop())
  const all = Array.from({ length: 5 }, () => theatre.actor())
  await Promise.all(all.map(async (actor) => await create.act(actor)))
  for (const actor of all) {
    await eventually(async () => await create.ended(actor), { timeoutMs: 90_000 })
    await create.check(actor)
  }
  expect((await stage.cloud.groups()).map(({ name }) => name).toSorted()).toEqual(all.map(({ name }) => name).toSorted())
  await Promise.all(all.map(async (actor) => await theatre.end(actor)))
})

/** A termination carries no token: what keeps it to one is who stored its intent, and for which process that is good (aws-rules B4). */
test('two operators that both believe to lead end each node that an order names once, and no other', { timeout: 600_000 }, async ({ onTestFinished }) => {
  const theatre = await Theatre.open('both-end')
  onTestFinished(async () => await theatre.close())
  const { stage, operator } = theatre
  const other = new KillableOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(10) })
  await other.start()
  onTestFinished(async () => await other.stop())
  const all = Array.from({ length: 4 }, () => theatre.actor())
  await Promise.all(all.map(async (actor) => await orderRemoves.before?.(actor)))
  const played = [operator.arm('eksnodegroups'), other.arm('eksnodegroups')]
  await Promise.all(all.map(async (actor) => await orderRemoves.act(actor)))
  for (const actor of all) await eventually(async () => await orderRemoves.ended(actor), { timeoutMs: 90_000 })
  for (const actor of all) await orderRemoves.check(actor)
  // else one of them only watched
  for (const { writes } of played) expect(writes.length).toBeGreaterThan(all.length)
  await Promise.all(all.map(async (actor) => await theatre.end(actor)))
})
