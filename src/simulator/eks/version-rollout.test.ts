import { describe, expect, it } from 'vitest'
import { setNumbers } from '../autoscaling/engine.ts'
import { terminate } from '../autoscaling/termination.ts'
import { endDrain } from '../drains/drain.ts'
import type { Instance, NodegroupUpdate } from '../state.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { nodegroupEvents, startDeletion } from './nodegroup-life.ts'
import type { CreateNodegroupInput } from './schemas.ts'
import { updateNodegroupConfig } from './update-nodegroup.ts'
import { updateNodegroupVersion } from './update-version.ts'

const names = { clusterName: 'demo', nodegroupName: 'workers' }

function begin(parts: TestGroup, ask: object = {}): NodegroupUpdate {
  return updateNodegroupVersion(parts.region, parts.cluster, parts.nodegroup, { ...names, ...ask })
}

function groupOf(desired: number, updateConfig: CreateNodegroupInput['updateConfig'], attached = false): TestGroup {
  return testGroup(desired, { input: { updateConfig: { maxUnavailable: 1, ...updateConfig } }, attached })
}

const evicting = (parts: TestGroup): readonly Instance[] => parts.members().filter(({ drain }) => drain?.by === 'VersionUpdate' && drain.state === 'Evicting')
const isOld = ({ templateVersion }: Instance): boolean => templateVersion === 1

/** Empties nodes as soon as they are drained, except those that `stuck` names. */
function advanceEmptying(parts: TestGroup, seconds: number, stuck: (instance: Instance) => boolean = () => false): readonly number[] {
  const atOnce: number[] = []
  for (let second = 0; second < seconds; second += 5) {
    parts.advance(5)
    atOnce.push(evicting(parts).length)
    for (const instance of parts.members()) if (instance.drain?.state === 'Evicting' && !stuck(instance)) endDrain(parts.region, instance, 'Drained')
  }
  return atOnce
}

describe('a version update', () => {
  it('grows by twice the zones, replaces every node, and has its old numbers at the end', () => {
    const parts = groupOf(3, {})
    const before = new Set(parts.members().map(({ id }) => id))
    const update = begin(parts)
    parts.advance(15)
    expect([parts.group.desiredSize, parts.group.maxSize]).toEqual([9, 26])
    parts.advance(3600)
    expect([update.status, parts.nodegroup.status]).toEqual(['Successful', 'ACTIVE'])
    expect([parts.group.desiredSize, parts.group.maxSize, parts.members().length]).toEqual([3, 20, 3])
    expect(parts.members().filter(({ id }) => before.has(id))).toEqual([])
  })

  it('grows by maxUnavailable where that is more', () => {
    const parts = groupOf(3, { maxUnavailable: 8 })
    begin(parts)
    parts.advance(15)
    expect(parts.group.desiredSize).toBe(11)
  })

  it('ends nodes first with MINIMAL, and never grows', () => {
    const parts = groupOf(3, { updateStrategy: 'MINIMAL' })
    const update = begin(parts)
    const sizes = Array.from({ length: 300 }, () => {
      parts.advance(5)
      return [parts.group.desiredSize, parts.members().length] as const
    })
    expect(update.status).toBe('Successful')
    expect(new Set(sizes.map(([desired]) => desired))).toEqual(new Set([3]))
    expect(parts.members().filter(isOld)).toEqual([])
  })

  it.each([
    { what: 'one by default', updateConfig: {}, most: 1 },
    { what: 'a number', updateConfig: { maxUnavailable: 3 }, most: 3 },
    { what: 'a share', updateConfig: { maxUnavailable: undefined, maxUnavailablePercentage: 50 }, most: 4 },
  ])('has never more nodes away than allowed: $what', ({ updateConfig, most }) => {
    const parts = testGroup(8, {
      input: { updateConfig: { ...updateConfig, updateStrategy: 'MINIMAL' } as NonNullable<CreateNodegroupInput['updateConfig']> },
      attached: true,
    })
    begin(parts)
    const atOnce = advanceEmptying(parts, 7200)
    expect([Math.max(...atOnce), parts.members().filter(isOld).length]).toEqual([most, 0])
  })

  it('shows the new version only at the end, and on new nodes from the start', () => {
    const parts = groupOf(1, { updateStrategy: 'MINIMAL' })
    parts.cluster.version = '1.37'
    begin(parts, { version: '1.37' })
    parts.advance(100)
    expect([parts.nodegroup.version, parts.members().map(({ kubernetesVersion }) => kubernetesVersion)]).toEqual(['1.36', ['1.36', '1.37']])
    parts.advance(600)
    expect([parts.nodegroup.version, parts.nodegroup.releaseVersion]).toEqual(['1.37', '1.37.2-20260714'])
  })

  it('fails after 15 minutes when pods stay, and leaves the group mixed and its old nodes cordoned', () => {
    const parts = groupOf(3, {}, true)
    const stuck = parts.members()[2]
    const update = begin(parts)
    advanceEmptying(parts, 7200, ({ id }) => id === stuck?.id)
    expect([update.status, update.errors]).toEqual([
      'Failed',
      [
        {
          errorCode: 'PodEvictionFailure',
          errorMessage: 'Reached max retries while trying to evict pods from nodes in node group workers',
          resourceIds: [stuck?.privateDnsName],
        },
      ],
    ])
    expect([parts.nodegroup.status, parts.nodegroup.releaseVersion, parts.group.desiredSize, parts.group.maxSize]).toEqual(['ACTIVE', '1.36.2-20260714', 3, 20])
    expect([stuck?.lifecycle, stuck?.cordoned, parts.members().length]).toEqual(['InService', true, 3])
  })

  it('deletes what stays when it is forced', () => {
    const parts = groupOf(1, { updateStrategy: 'MINIMAL' }, true)
    const [old] = parts.members()
    const update = begin(parts, { force: true })
    parts.advance(15 + 900)
    expect(old?.drain?.state).toBe('Deleting')
    parts.advance(1200)
    expect(update.status).toBe('Successful')
  })

  it('fails when new nodes do not join', () => {
    const parts = groupOf(2, {})
    parts.faults.add({ effect: 'NoCapacity' })
    const update = begin(parts)
    parts.advance(1000)
    expect([update.status, update.errors[0]?.errorCode]).toEqual(['Failed', 'NodeCreationFailure'])
    expect([parts.group.desiredSize, parts.members().filter(isOld).length]).toEqual([2, 2])
  })

  it('fails with the error that a fault ordered', () => {
    const parts = groupOf(1, {})
    parts.faults.add({ effect: 'FailLater', service: 'eks', action: 'UpdateNodegroupVersion', code: 'AccessDenied', message: 'no' })
    const update = begin(parts)
    parts.advance(60)
    expect([update.status, update.errors[0]?.errorCode, parts.nodegroup.status]).toEqual(['Failed', 'AccessDenied', 'ACTIVE'])
  })

  it('is over soon in an empty group', () => {
    const parts = groupOf(0, {})
    const update = begin(parts)
    parts.advance(15)
    expect([update.status, parts.members().length]).toEqual(['Successful', 0])
  })

  it('replaces everything again when it is asked again for the same', () => {
    const parts = groupOf(1, { updateStrategy: 'MINIMAL' })
    begin(parts)
    parts.advance(1200)
    const [first] = parts.members()
    begin(parts)
    parts.advance(1200)
    expect(parts.members().map(({ id }) => id)).not.toEqual([first?.id])
  })

  it('keeps everything else out with 409', () => {
    const parts = groupOf(1, {})
    begin(parts)
    const busy = expect.objectContaining({ code: 'ResourceInUseException', status: 409 }) as Error
    expect(() => updateNodegroupConfig(parts.region, parts.cluster, parts.nodegroup, { ...names, labels: { addOrUpdateLabels: { a: 'b' } } })).toThrow(busy)
    expect(() => begin(parts)).toThrow(busy)
  })

  it('goes on when somebody takes a node by name meanwhile', () => {
    const parts = groupOf(3, { updateStrategy: 'MINIMAL' }, true)
    const update = begin(parts)
    parts.advance(20)
    const [victim] = evicting(parts)
    if (victim === undefined) throw new Error('nothing is drained')
    parts.group.desiredSize -= 1
    terminate(parts.region, parts.group, victim, 'a user request', nodegroupEvents)
    advanceEmptying(parts, 7200)
    expect([update.status, parts.members().length]).toEqual(['Successful', 2])
  })

  it('ends with what somebody set in between', () => {
    const parts = groupOf(3, {})
    const update = begin(parts)
    parts.advance(60)
    setNumbers(parts.region, parts.group, { ...parts.group, desiredSize: parts.group.desiredSize + 2 }, 'a user request', nodegroupEvents)
    parts.advance(7200)
    expect([update.status, parts.group.desiredSize]).toEqual(['Successful', 5])
  })
})

describe('what a call has started', () => {
  it('can fail later by a fault: a deletion, which may be asked for again', () => {
    const parts = groupOf(0, {})
    parts.faults.add({ effect: 'FailLater', action: 'DeleteNodegroup', match: { nodegroupName: 'workers' }, times: 1, code: 'Ec2SecurityGroupDeletionFailure' })
    startDeletion(parts.region, parts.nodegroup)
    parts.advance(60)
    expect([parts.nodegroup.status, parts.nodegroup.healthIssues.map(({ code }) => code)]).toEqual(['DELETE_FAILED', ['Ec2SecurityGroupDeletionFailure']])
    startDeletion(parts.region, parts.nodegroup)
    parts.advance(60)
    expect(parts.cluster.nodegroups.size).toBe(0)
  })

  it('can fail later by a fault: a configuration update', () => {
    const parts = groupOf(0, {})
    parts.faults.add({ effect: 'FailLater', action: 'UpdateNodegroupConfig', code: 'Unknown' })
    const update = updateNodegroupConfig(parts.region, parts.cluster, parts.nodegroup, { ...names, labels: { addOrUpdateLabels: { a: 'b' } } })
    parts.advance(15)
    expect([update.status, parts.nodegroup.status]).toEqual(['Failed', 'ACTIVE'])
  })
})
