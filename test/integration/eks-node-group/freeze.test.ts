import { describe, expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { inDays } from '../../support/days.ts'
import { timed } from '../../support/pulse.ts'
import type { Subject } from '../../support/subject.ts'
import { operatorSpeed, type Place, test } from '../../support/world.ts'

const annotation = 'tidegate.io/frozen-until'
const tomorrow = (): string => inDays(1).toISOString()

/** Real time: what people see is not sped up. */
const promisedMs = 5_000

const writes = async (place: Place, name?: string): Promise<readonly string[]> =>
  (await place.cloud.calls(place.inEks(name), { access: 'write' })).map(({ action }) => action)

/** Longer than any pass at rest or in motion would take to come by. */
const aWhileMs = 45_000 / operatorSpeed

/** Groups whose creation EKS has begun, with a number still to be sent. */
async function beginToBeMade(place: Place, ...names: readonly string[]): Promise<readonly Subject<EksNodeGroup>[]> {
  await place.cloud.clock({ pause: true }) // else it could be over before anybody looks
  try {
    const groups = await Promise.all(names.map(async (name) => await place.have({ scaling: { minSize: 1, maxSize: 3 } }, name)))
    for (const group of groups) await group.until(({ status }) => expect(status?.state).toBe('Creating'))
    return groups
  } finally {
    await place.cloud.clock({ resume: true })
  }
}

// One after the other: they stop the clock of the cloud, or freeze everything.
describe('a freeze of what EKS makes just now', () => {
  test('P10: a freeze in the middle of an operation is kept within 5 s, and the operation goes on afterwards', async ({ place }) => {
    const begin = async (name: string) => ({ name, group: (await beginToBeMade(place, name))[0] as Subject<EksNodeGroup> })
    let begun = await begin('workers')
    const until = tomorrow()
    const freeze = async (): Promise<void> => {
      await begun.group.annotate({ 'frozen-until': until })
      await begun.group.condition('Paused', { status: 'True', reason: 'Frozen', says: [`this object is frozen until ${until}`] })
    }
    const restore = async (): Promise<void> => {
      await begun.group.annotate({})
      begun = await begin(`${begun.name}-again`)
    }
    expect(await timed(place.client, freeze, { promisedMs, restore })).toBeLessThan(promisedMs)
    const { name, group } = begun
    const before = await writes(place, name)
    await systemClock.sleep(aWhileMs)
    expect(await writes(place, name)).toEqual(before)
    await group.annotate({})
    const { status } = await group.ready()
    expect(status?.nodes?.summary).toBe('1/1')
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Paused')
  })

  test('a freeze of the TargetCluster, and one of the release namespace, hold every group at once and say who they are', async ({ place }) => {
    const names = ['workers', 'others']
    const groups = await beginToBeMade(place, ...names)
    const each = async (work: (group: Subject<EksNodeGroup>) => Promise<unknown>): Promise<unknown> => await Promise.all(groups.map(work))
    const sent = async (): Promise<readonly unknown[]> => await Promise.all(names.map(async (name) => await writes(place, name)))
    const until = tomorrow()
    const ways = [
      { what: ['targetcluster', 'demo'], says: `TargetCluster demo is frozen until ${until}`, wanted: 2 },
      { what: ['namespace', 'tidegate-system'], says: `namespace tidegate-system is frozen until ${until}`, wanted: 3 },
    ]
    for (const { what, says, wanted } of ways) {
      const freeze = async () => await place.kubectl('annotate', ...what, `${annotation}=${until}`)
      const thaw = async () => await place.kubectl('annotate', ...what, `${annotation}-`)
      await freeze()
      try {
        const isFrozen = { status: 'True', reason: 'Frozen', says: [says] } as const
        const shows = async () => await each(async (group) => await group.condition('Paused', isFrozen))
        const restore = async (): Promise<void> => {
          await thaw()
          await each(async (group) => await group.until(({ status }) => expect(status?.conditions?.map(({ type }) => type)).not.toContain('Paused')))
          await freeze()
        }
        expect(await timed(place.client, shows, { promisedMs, restore })).toBeLessThan(promisedMs)
        await place.target('demo').condition('Paused', { status: 'True', reason: 'Frozen' })
        const before = await sent()
        const scaled = names.map((name) => `eksnodegroup/${name}`)
        await place.kubectl('scale', ...scaled, '-n', place.namespace, `--replicas=${wanted}`) // something to hold back
        await systemClock.sleep(aWhileMs / 3)
        expect(await sent()).toEqual(before)
      } finally {
        await thaw() // else it holds every test that follows
      }
      await each(async (group) => await group.until(({ status }) => expect(status?.nodes?.summary).toBe(`${wanted}/${wanted}`)))
    }
    await each(async (group) => expect((await group.ready()).status?.conditions?.map(({ type }) => type)).not.toContain('Paused'))
  })
})

describe.concurrent('a freeze of one object', () => {
  test('P10: a call that hangs does not hold up a freeze, and its outcome is found afterwards', async ({ place }) => {
    const hang = async (name: string) => {
      const heal = await place.cloud.groupFault(place.inEks(name), { action: 'CreateNodegroup', effect: 'Delay', delayMs: 8_000, times: 1 })
      const group = await place.have({ scaling: { minSize: 1, maxSize: 3 } }, name)
      await group.until(({ status }) => expect(status?.operation?.kind).toBe('Create'))
      return { name, heal, group }
    }
    let hanging = await hang('workers')
    const freeze = async (): Promise<void> => {
      await hanging.group.annotate({ 'frozen-until': tomorrow() })
      await hanging.group.condition('Paused', { reason: 'Frozen' })
    }
    const goOn = async (): Promise<void> => {
      await hanging.heal()
      await hanging.group.annotate({})
    }
    const restore = async (): Promise<void> => {
      await goOn()
      hanging = await hang(`${hanging.name}-again`)
    }
    expect(await timed(place.client, freeze, { promisedMs, restore })).toBeLessThan(promisedMs)
    await goOn()
    await hanging.group.ready()
    const inEks = place.inEks(hanging.name)
    expect((await place.cloud.groups()).filter(({ name }) => name === inEks)).toHaveLength(1)
    const tokens = (await place.cloud.calls(inEks, { action: 'CreateNodegroup' })).map(({ input }) => input['clientRequestToken'])
    expect(new Set(tokens).size).toBe(1)
  })

  test('P10: a freeze in the middle of removals ends no further instance, and they go on afterwards', async ({ place }) => {
    const action = 'TerminateInstanceInAutoScalingGroup'
    const heal = await place.cloud.fault({ service: 'autoscaling', action, effect: 'Delay', delayMs: 2_000 })
    const remove = async (name: string) => {
      const scaling = { minSize: 0, maxSize: 4, desiredSize: 4, sizeOwner: 'Spec' } as const
      const group = await place.have({ scaling }, name)
      await group.ready()
      const instances = (await place.cloud.needGroup(place.inEks(name))).scaling?.instanceIds ?? []
      await place.have({ scaling: { ...scaling, desiredSize: 0 } }, name)
      await group.until(({ status }) => expect(status?.removals?.some(({ state }) => state === 'Removing')).toBe(true))
      return { name, group, instances }
    }
    let removal = await remove('workers')
    const freeze = async (): Promise<void> => {
      await removal.group.annotate({ 'frozen-until': tomorrow() })
      await removal.group.condition('Paused', { reason: 'Frozen' })
    }
    const restore = async (): Promise<void> => {
      await removal.group.annotate({})
      removal = await remove(`${removal.name}-again`)
    }
    expect(await timed(place.client, freeze, { promisedMs, restore })).toBeLessThan(promisedMs)
    const { group, instances } = removal
    const ended = async (): Promise<number> =>
      (await place.cloud.allCalls()).filter(({ action: called, input }) => called === action && instances.includes(String(input['InstanceId']))).length
    await systemClock.sleep(2_000) // what was on its way arrives
    const before = await ended()
    expect(before).toBeLessThan(instances.length)
    await systemClock.sleep(aWhileMs)
    expect(await ended()).toBe(before)
    await group.condition('Ready', { status: 'False', reason: 'Frozen', says: ['what the spec asks for waits'] })
    await heal()
    await group.annotate({})
    const { status } = await group.ready()
    expect(status?.nodes?.running).toBe(0)
  })

  test('a value that nobody can read holds, a Warning says so, and a freeze ends by itself when its time comes', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    await group.ready()
    await group.annotate({ 'frozen-until': 'tomorrow' })
    const paused = await group.condition('Paused', { reason: 'Frozen', says: ['"tomorrow"', 'RFC 3339'] })
    expect(await place.events(group, 'FreezeUnclear')).toEqual([expect.stringMatching(/"tomorrow".*RFC 3339 time/)])
    // In the operator's own time, which runs faster.
    const endsAt = new Date(Date.parse(paused.lastTransitionTime) + 120_000).toISOString()
    await group.annotate({ 'frozen-until': endsAt })
    await group.condition('Paused', { reason: 'Frozen', says: [endsAt] })
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=1')
    const { status } = await group.ready()
    expect(status?.nodes?.summary).toBe('1/1')
    // Both are whole seconds.
    expect(Date.parse(status?.history?.at(-1)?.time ?? '')).toBeGreaterThanOrEqual(Date.parse(endsAt))
  })

  test('a frozen deletion waits and says so; to retain the group is honoured all the same', async ({ place }) => {
    place.leaves()
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    await group.ready()
    const until = tomorrow()
    await group.annotate({ 'frozen-until': until })
    await group.condition('Paused', { reason: 'Frozen' })
    await group.delete()
    await group.condition('Reconciling', { reason: 'Frozen', says: ['the deletion waits', until] })
    const before = await writes(place)
    await systemClock.sleep(aWhileMs / 3)
    expect(await writes(place)).toEqual(before)
    await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })
    await group.gone()
    expect(await writes(place)).toEqual(before)
    expect(await place.cloud.needGroup(place.inEks())).toMatchObject({ status: 'ACTIVE' })
  })

  test('a suspension in Git holds a deletion too', async ({ place }) => {
    const group = await place.have({ suspend: true })
    await group.condition('Paused', { reason: 'Suspended' })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    await group.ready()
    await group.patch({ op: 'add', path: '/spec/suspend', value: true })
    await group.condition('Paused', { reason: 'Suspended' })
    await group.delete()
    await group.condition('Reconciling', { reason: 'Suspended', says: ['the deletion waits', 'spec.suspend'] })
    await group.patch({ op: 'replace', path: '/spec/suspend', value: false })
    await group.gone()
  })
})
