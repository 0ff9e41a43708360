import { expect, test } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import type { Node } from '../../../src/kube/objects.ts'
import { audited, operatorUser } from '../../support/audit.ts'
import { type GroupSpec, aTargetCluster, anEksNodeGroup, nodeRole, subnets } from '../../support/builders.ts'
import { isOfScripts, pollTheAccount } from '../../support/busy-account.ts'
import { eventually } from '../../support/eventually.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { instanceOf } from '../../support/order.ts'
import type { Call } from '../../support/simulator.ts'
import { strictScenario } from '../../support/strict.ts'
import type { Subject } from '../../support/subject.ts'
import { Workload } from '../../support/workload.ts'
import { type Stage, openStage } from '../../support/world.ts'

const { signal } = new AbortController()
const namespace = 'strict'
const name = 'workers'

/** Of the operator and of its cloud alike, so that what can be read how late is to the operator as in AWS. */
const speed = 10

/** Groups of other people, before ours: what AWS lists has pages, and ours is on the last. */
const others = ['a', 'b', 'c', 'd']

async function othersThere({ cloud }: Stage): Promise<void> {
  const scaling = { minSize: 0, maxSize: 1, desiredSize: 0 }
  for (const other of others)
    await cloud.console.nodeGroups.create('demo', { name: other, subnetIds: [subnets[0]], nodeRoleArn: nodeRole, scaling, tags: {} }, { token: other, signal })
}

interface Story {
  readonly stage: Stage
  readonly group: Subject<EksNodeGroup>
}

function aSpec(labels: GroupSpec['labels']): GroupSpec {
  return anEksNodeGroup({ nodeGroupName: name, subnetIds: [...subnets], labels, scaling: { minSize: 0, maxSize: 5 } })
}

/** While the clock stands, the group that was made cannot be read: the operator lives through that for as long as it is looked at. */
async function isMade({ stage, group }: Story): Promise<void> {
  await stage.cloud.clock({ pause: true })
  await group.apply(aSpec({ team: 'web' }))
  await eventually(async () => {
    const calls = await stage.cloud.calls(name)
    expect(calls.filter(({ status, sequence }) => status === 404 && sequence > madeAt(calls)).length).toBeGreaterThanOrEqual(3)
  })
  await stage.cloud.clock({ resume: true })
  await group.ready()
}

async function grows({ stage, group }: Story): Promise<readonly Node[]> {
  await stage.kubectl('scale', 'eksnodegroup', name, '-n', namespace, '--replicas=3')
  await group.until(({ status }) => expect(status?.nodes?.summary).toBe('3/3'))
  await group.ready()
  return await stage.nodesOf(name)
}

/** Its least busy node goes, after its pod. */
async function shrinks({ stage, group }: Story, [a, b, victim]: readonly [Node, Node, Node]): Promise<void> {
  const team = new Workload(stage.client, namespace)
  for (const [pod, node] of Object.entries({ a1: a, a2: a, b1: b, b2: b, moved: victim })) await team.run(pod, node)
  const match = { InstanceId: instanceOf(victim) }
  await stage.cloud.fault({ service: 'autoscaling', action: 'TerminateInstanceInAutoScalingGroup', effect: 'Throttle', times: 1, match })
  await stage.kubectl('scale', 'eksnodegroup', name, '-n', namespace, '--replicas=2')
  await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
  await group.ready()
  expect(await team.isThere('moved')).toBe(false)
  for (const pod of ['a1', 'a2', 'b1', 'b2']) expect([pod, await team.isThere(pod)]).toEqual([pod, true])
}

async function isRelabelled({ stage, group }: Story): Promise<void> {
  await group.apply(aSpec({ team: 'ml' }))
  await group.ready()
  expect(await stage.cloud.console.nodeGroups.describe('demo', name, { signal })).toMatchObject({ labels: { team: 'ml' } })
}

function accepted(calls: readonly Call[], action: string): readonly Call[] {
  return calls.filter((call) => call.action === action && call.status === 200)
}

/** By token, since a call whose answer is the first one's again changed nothing. */
function acts(calls: readonly Call[], action: string): readonly Call['input'][] {
  return [...new Map(accepted(calls, action).map(({ input }) => [input['clientRequestToken'], input])).values()]
}

function ended(calls: readonly Call[]): readonly string[] {
  return accepted(calls, 'TerminateInstanceInAutoScalingGroup').map(
    ({ input }) => `${String(input['InstanceId'])} ${input['ShouldDecrementDesiredCapacity'] === true ? 'counted' : 'replaced'}`,
  )
}

/** What the scripts leave of the rates throttles reads above all, and which is chance: so one of each of these is throttled by order. */
const throttledOnce = ['eks:CreateNodegroup', 'eks:UpdateNodegroupConfig', 'autoscaling:TerminateInstanceInAutoScalingGroup'] as const

async function throttleOnce({ cloud }: Stage): Promise<void> {
  for (const action of ['CreateNodegroup', 'UpdateNodegroupConfig']) await cloud.groupFault(name, { action, effect: 'Throttle', times: 1 })
}

function isThrottled({ error }: Call): boolean {
  return error === 'Throttling' || error === 'ThrottlingException'
}

/** It really was the cloud that it is said to be, to the operator. */
function expectAwkward(calls: readonly Call[]): void {
  const throttled = calls.filter(isThrottled)
  expect(throttled.filter(({ fault }) => fault === undefined).length).toBeGreaterThan(0)
  for (const each of throttledOnce) {
    const tries = calls.filter(({ service, action }) => `${service}:${action}` === each)
    const first = tries.findIndex(isThrottled)
    expect([each, first >= 0]).toEqual([each, true])
    expect([each, tries.slice(first).some(({ status }) => status === 200)]).toEqual([each, true])
  }
  const pages = calls.filter(({ input, status }) => status === 200 && (input['NextToken'] ?? input['nextToken']) !== undefined).map(({ action }) => action)
  expect(pages).toEqual(expect.arrayContaining(['ListNodegroups', 'DescribeAutoScalingGroups']))
  const young = calls.filter(({ action, input, sequence }) => action === 'DescribeNodegroup' && input['nodegroupName'] === name && sequence > madeAt(calls))
  expect(young.findIndex(({ status }) => status === 200)).toBeGreaterThanOrEqual(3)
  expect(young[0]?.status).toBe(404)
}

function madeAt(calls: readonly Call[]): number {
  return accepted(calls, 'CreateNodegroup').find(({ input }) => input['nodegroupName'] === name)?.sequence ?? Number.POSITIVE_INFINITY
}

/** Nothing of it worries anybody: no word that needs a person, and none that is taken back. */
async function expectTold(story: Story): Promise<void> {
  const [creating, active, ...after] = await told(story, 'Provisioned')
  expect([creating, active]).toEqual(['False/Creating', 'True/Active'])
  // It may be gone before it is looked at again.
  expect(['', 'False/Deleting']).toContain(after.join())
  expect(await told(story, 'Stalled')).toEqual([])
  expect(await told(story, 'Healthy')).not.toEqual(expect.arrayContaining([expect.stringContaining('False')]))
}

/** What the operator wrote of a condition, each word once until there was another. */
async function told({ stage }: Story, type: string): Promise<readonly string[]> {
  const writes = (await audited(stage.plane.auditLog)).filter((one) => one.user === operatorUser && one.kind === 'eksnodegroups/status' && one.name === name)
  const words = writes.flatMap(({ conditions }) => conditions.filter((one) => one.type === type).map(({ status, reason }) => `${status}/${reason}`))
  return words.filter((word, index) => word !== words[index - 1])
}

test('G11: the whole life of a group in a cloud that throttles, lists in short pages and shows late what was made', { timeout: 400_000 }, async ({
  onTestFinished,
}) => {
  const stage = await openStage('strict', { cloudSpeed: speed, scenario: await strictScenario() })
  onTestFinished(async () => await stage.close())
  await othersThere(stage)
  await stage.target('demo').apply(aTargetCluster())
  await stage.openNamespace(namespace)
  const operator = await runOperator({ access: stage.plane.identities.operator, cloudUrl: stage.cloud.url, clock: fastClock(speed) })
  onTestFinished(async () => await operator.stop())
  await stage.target('demo').ready()
  await throttleOnce(stage)
  const quiet = pollTheAccount(stage.cloud.url)
  onTestFinished(quiet)
  const story: Story = { stage, group: stage.group(namespace, name) }

  await isMade(story)
  const three = (await grows(story)) as [Node, Node, Node]
  const [a, b, victim] = three
  await shrinks(story, three)
  await isRelabelled(story)
  const staying = (await stage.nodesOf(name)).map(({ metadata }) => metadata.uid)
  expect(staying.toSorted()).toEqual([a, b].map(({ metadata }) => metadata.uid).toSorted())
  expect(ended(await stage.cloud.allCalls())).toEqual([`${instanceOf(victim)} counted`])
  await story.group.end()

  const calls = (await stage.cloud.allCalls()).filter((call) => !isOfScripts(call))
  expectAwkward(calls)
  await expectTold(story)
  expect((await stage.cloud.groups()).map((group) => group.name)).toEqual(others)
  expect(acts(calls, 'CreateNodegroup').filter(({ nodegroupName }) => nodegroupName === name)).toHaveLength(1)
  // a number only to grow, and nobody ended but those whom we named, each once
  expect(acts(calls, 'UpdateNodegroupConfig').flatMap(({ scalingConfig = {} }) => (scalingConfig as { desiredSize?: number }).desiredSize ?? [])).toEqual([3])
  expect(calls.filter(({ action }) => action === 'SetDesiredCapacity')).toEqual([])
  expect(ended(calls).toSorted()).toEqual(three.map((node) => `${instanceOf(node)} counted`).toSorted())
})
