import { describe, expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import type { NodeGroup } from '../../../src/aws/eks/port.ts'
import { eventually } from '../../support/eventually.ts'
import { type GroupSpec, anEksNodeGroup } from '../../support/builders.ts'
import type { Call } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { type Place, test } from '../../support/world.ts'
import { looked } from './looked.ts'

const { signal } = new AbortController()

const wanted = {
  labels: { pool: 'workers', tier: 'batch' },
  taints: [{ key: 'dedicated', value: 'training', effect: 'NoSchedule' }],
  update: { maxUnavailable: 2 },
  nodeRepair: { enabled: true },
} as const satisfies GroupSpec

async function inAws(place: Place): Promise<NodeGroup> {
  const group = await place.cloud.console.nodeGroups.describe('demo', place.inEks(), { signal })
  if (group === undefined) throw new Error('EKS has no such group')
  return group
}

/** Somebody changes it in the console, and waits until EKS has done so. */
async function change(place: Place, config: Parameters<Place['cloud']['console']['nodeGroups']['updateConfig']>[2]): Promise<void> {
  const { nodeGroups } = place.cloud.console
  await nodeGroups.updateConfig('demo', place.inEks(), config, { token: `console-${place.inEks()}-${(await corrections(place)).length}`, signal })
}

async function corrections(place: Place): Promise<readonly Call[]> {
  return await place.cloud.calls(place.inEks(), { action: 'UpdateNodegroupConfig' })
}

/** Configuration is looked at every 10 minutes; a person asks for it now. */
async function look(group: Subject<EksNodeGroup>, token: string): Promise<void> {
  await group.annotate({ refresh: token })
}

async function done(group: Subject<EksNodeGroup>, times: number): Promise<EksNodeGroup> {
  await group.until(({ status }) =>
    expect(status?.history?.filter(({ operation, outcome }) => operation === 'UpdateConfig' && outcome === 'Succeeded')).toHaveLength(times),
  )
  return await group.ready()
}

describe.concurrent('what somebody changes in AWS', () => {
  test('A3: labels, taints, update settings and repair are set back in one request, without a size', async ({ place }) => {
    const group = await place.have(wanted)
    await group.ready()
    await change(place, {
      labels: { set: { tier: 'web', foreign: 'x' }, remove: ['pool'] },
      taints: { set: [{ key: 'foreign', effect: 'NoExecute' }], remove: [{ key: 'dedicated', effect: 'NoSchedule' }] },
      update: { maxUnavailable: 5 },
      nodeRepair: { enabled: false },
    })
    await look(group, 'one')
    const { status } = await done(group, 1)
    expect(await inAws(place)).toMatchObject({ update: { maxUnavailable: 2 }, nodeRepair: { enabled: true } })
    const { labels, taints } = await inAws(place)
    expect([labels, taints]).toEqual([wanted.labels, wanted.taints])
    expect(status?.drift).toBeUndefined()
    const [, ours, ...others] = await corrections(place)
    expect(others).toEqual([])
    expect(Object.keys(ours?.input ?? {}).toSorted()).toEqual(
      ['clientRequestToken', 'clusterName', 'labels', 'nodeRepairConfig', 'nodegroupName', 'taints', 'updateConfig'].toSorted(),
    )
    expect(status?.history?.at(-1)).toMatchObject({ operation: 'UpdateConfig', to: expect.stringContaining('-foreign'), fieldManager: 'git' })
    expect(await place.events(group, 'Corrected')).toEqual([expect.stringContaining('has the settings of the spec')])
  })

  test('A1: the same drift twice in one generation is corrected twice', async ({ place }) => {
    const group = await place.have({ labels: { pool: 'workers' } })
    const { metadata } = await group.ready()
    for (const time of [1, 2]) {
      await change(place, { labels: { set: { pool: 'mine' }, remove: [] } })
      await look(group, `look-${time}`)
      await done(group, time)
      expect((await inAws(place)).labels).toEqual({ pool: 'workers' })
    }
    const tokens = (await corrections(place)).map(({ input }) => String(input['clientRequestToken'])).filter((token) => !token.startsWith('console'))
    expect(new Set(tokens).size).toBe(2)
    expect((await group.read()).metadata.generation).toBe(metadata.generation)
  })

  test('P8: while it is being corrected the fields are named', async ({ place }) => {
    const group = await place.have({ labels: { pool: 'workers' } })
    await group.ready()
    const lift = await place.cloud.groupFault(place.inEks(), { action: 'UpdateNodegroupConfig', effect: 'Throttle' })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), labels: { pool: 'web' }, taints: [{ key: 'a', effect: 'NoSchedule' }] }))
    await group.condition('InSync', { status: 'False', reason: 'Correcting', says: ['labels, taints'] })
    await group.until(({ status }) => expect(status?.drift?.map(({ field }) => field)).toEqual(['labels', 'taints']))
    await lift()
    await done(group, 1)
  })

  test('A2: a correction that EKS calls failed and that shows is done, and is not sent again', async ({ place }) => {
    const group = await place.have()
    await group.ready()
    const failure = { effect: 'FailLater', code: 'OperationNotPermitted', message: 'no', times: 1 }
    await place.cloud.groupFault(place.inEks(), { action: 'UpdateNodegroupConfig', ...failure })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), labels: { pool: 'workers' } }))
    await done(group, 1)
    expect(await corrections(place)).toHaveLength(1)
  })
})

describe.concurrent('what leaves the spec', () => {
  test('A6: tags of ours go, tags of others stay', async ({ place }) => {
    // EKS takes letters of any language in tags (API reference, TagResource), which the request has to carry as UTF-8.
    const tags = { team: 'research', Größe: '培训 № 1' }
    const group = await place.have({ tags: { ...tags, cost: '1' } })
    const { status } = await group.ready()
    expect((await inAws(place)).tags).toMatchObject(tags)
    await place.cloud.console.nodeGroups.tag(status?.arn ?? '', { theirs: 'x', team: 'web', Größe: 'eins' }, { signal })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), tags }))
    await group.until(async ({ status: now }) => {
      expect(now?.applied?.tags).toEqual(['Größe', 'team'])
      expect((await inAws(place)).tags).toMatchObject({ ...tags, theirs: 'x' })
      expect(now?.history?.at(-1)).toMatchObject({ operation: 'Tag', outcome: 'Succeeded', fieldManager: 'git' })
    })
    expect(Object.keys((await inAws(place)).tags)).not.toContain('cost')
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    await group.until(({ status: now }) => expect(now?.applied).toBeUndefined())
    await group.ready()
    const left = (await inAws(place)).tags
    expect(Object.keys(left).filter((key) => !key.startsWith('tidegate.io/'))).toEqual(['theirs'])
  })

  test('labels and taints that the spec no longer speaks of go where it brought them, and those of others stay', async ({ place }) => {
    const group = await place.have({ labels: { pool: 'workers' }, taints: wanted.taints })
    await group.ready()
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    await done(group, 1)
    expect(await inAws(place)).toMatchObject({ labels: {}, taints: [] })
    await change(place, { labels: { set: { theirs: 'x' }, remove: [] } })
    await eventually(async () => expect(await inAws(place)).toMatchObject({ state: 'Active', labels: { theirs: 'x' } }))
    await looked(place, group)
    await group.until(({ status }) => expect(status?.operation).toBeUndefined()) // what the look began has ended
    expect((await inAws(place)).labels).toEqual({ theirs: 'x' })
    expect(await corrections(place)).toHaveLength(2) // the operator's, and the one in the console
  })
})
