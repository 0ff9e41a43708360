import { expect, test, vi } from 'vitest'
import { type Clock, systemClock } from '../../../src/lib/clock.ts'
import { aTargetCluster, anEksNodeGroup } from '../../support/builders.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { account, region } from '../../support/simulator.ts'
import { openStage, operatorSpeed } from '../../support/world.ts'

const roleArn = `arn:aws:iam::${account}:role/tidegate/target`

/** A session lasts for an hour, and the SDK asks for the next one 5 min before it ends. */
const almostAnHourMs = 56 * 60_000

/** The operator's clock, and what lets time pass: for the operator, and for the SDK, which looks at the process' own. */
function passingClock(): { readonly clock: Clock; readonly pass: (ms: number) => void } {
  const clock = fastClock(operatorSpeed)
  let passedMs = 0
  return {
    clock: { ...clock, now: () => new Date(clock.now().getTime() + passedMs) },
    pass: (ms) => {
      passedMs += ms
      vi.useFakeTimers({ toFake: ['Date'], now: systemClock.now().getTime() + ms, shouldAdvanceTime: true })
    },
  }
}

test('P8: a role that may not be assumed any more when its session ends: said with what to check, and over once it may', async ({ onTestFinished }) => {
  const stage = await openStage('role-lost')
  onTestFinished(async () => await stage.close())
  const role = { order: 'CreateRole', name: 'target', path: '/tidegate/' }
  await stage.cloud.happen({ ...role, trustedAccounts: [account] })
  const target = stage.target('demo')
  await target.apply(aTargetCluster({ aws: { region, roleArn } }))
  await stage.openNamespace('role-lost')
  const { clock, pass } = passingClock()
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock })
  onTestFinished(async () => await operator.stop())
  const group = stage.group('role-lost', 'workers')
  await group.apply(anEksNodeGroup({ scaling: { desiredSize: 0, sizeOwner: 'Spec' } }))
  await group.ready()

  // Who has a session keeps it, whatever becomes of the trust.
  await stage.cloud.happen(role)
  await group.patch({ op: 'replace', path: '/spec/scaling/desiredSize', value: 1 })
  await group.ready()
  onTestFinished(() => void vi.useRealTimers())
  pass(almostAnHourMs)
  const refused = { reason: 'RoleNotAssumed', says: [`AWS denies sts:AssumeRole on ${roleArn}`, 'trust policy', 'external id'] }
  await group.condition('Stalled', { status: 'True', ...refused })
  await group.condition('Ready', { status: 'False', ...refused })
  await target.condition('Stalled', { status: 'True', ...refused })
  // What was seen last stands: nothing is known to have changed.
  await group.condition('NodesReady', { status: 'True' })

  await stage.cloud.happen({ ...role, trustedAccounts: [account] })
  await target.annotate({ retry: 'trusted' })
  await target.ready()
  const { status } = await group.ready()
  expect(status?.conditions?.map(({ type }) => type)).not.toContain('Stalled')
  const answers = (await stage.cloud.allCalls()).filter(({ action }) => action === 'AssumeRole').map(({ status: answer }) => answer)
  expect(answers.filter((answer) => answer === 200)).toHaveLength(2)
  expect(answers.slice(1, -1).every((answer) => answer === 403)).toBe(true)
  await group.end()
})
