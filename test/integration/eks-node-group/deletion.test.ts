import { describe, expect } from 'vitest'
import { anEksNodeGroup } from '../../support/builders.ts'
import { test } from '../../support/world.ts'
import { looked } from './looked.ts'

const { signal } = new AbortController()

describe.concurrent('deletion', () => {
  test('an empty group goes without a question, and the object goes after it', async ({ place }) => {
    const group = await place.have()
    await group.ready()
    await group.delete()
    await group.gone()
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    expect((await place.cloud.calls(place.inEks(), { action: 'DeleteNodegroup' })).length).toBe(1)
  })

  test('a group with nodes waits for the line that it prints', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 2, maxSize: 3 } })
    const { metadata } = await group.ready()
    await group.deleteUnguarded()
    const line = `kubectl annotate eksnodegroup workers -n ${place.namespace} --overwrite tidegate.io/confirm-deletion=${metadata.uid}`
    await group.condition('Reconciling', { reason: 'WaitingForConfirmation', says: [`2 nodes of ${place.inEks()} would go`, line, 'Retain'] })
    await looked(place, group, { 'confirm-deletion': 'not-the-uid' })
    expect(await place.events(group, 'AnnotationUnclear')).toHaveLength(1)
    await group.condition('Reconciling', { reason: 'WaitingForConfirmation' })
    expect(await place.cloud.scalingCalls(place.inEks(), { access: 'write' })).toEqual([])
    expect(await place.cloud.calls(place.inEks(), { action: 'DeleteNodegroup' })).toEqual([])
    await place.kubectl(...line.split(' ').slice(1), '--overwrite')
    await group.gone()
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
    expect(await place.nodesOf(place.inEks())).toEqual([])
  })

  test('Retain keeps the group, also when it is said while the deletion waits', async ({ place }) => {
    place.leaves()
    const group = await place.have({ scaling: { minSize: 1, maxSize: 3 } })
    await group.ready()
    await group.deleteUnguarded()
    await group.condition('Reconciling', { reason: 'WaitingForConfirmation' })
    await group.patch({ op: 'add', path: '/spec/policy/deletion', value: 'Retain' })
    await group.gone()
    expect((await place.cloud.needGroup(place.inEks())).scaling).toMatchObject({ desiredSize: 1 })
    expect(await place.events(group, 'Released')).toEqual([expect.stringContaining('stays in AWS')])
  })

  test('abandon lets go of it and says what was left behind', async ({ place }) => {
    place.leaves()
    const group = await place.have({ scaling: { minSize: 1, maxSize: 3 } })
    const { metadata, status } = await group.ready()
    await group.annotate({ abandon: metadata.uid })
    await group.delete()
    await group.gone()
    expect(await place.cloud.needGroup(place.inEks())).toMatchObject({ status: 'ACTIVE' })
    expect(await place.events(group, 'Released')).toEqual([`abandoned: ${status?.arn ?? ''} is left as it is`])
  })

  test('while it is suspended nothing is deleted', async ({ place }) => {
    const group = await place.have()
    await group.ready()
    await group.patch({ op: 'add', path: '/spec/suspend', value: true })
    await group.condition('Paused', { reason: 'Suspended' })
    await group.delete()
    await group.until(({ metadata }) => expect(metadata.deletionTimestamp).toBeDefined())
    await group.until(({ status, metadata }) => expect(status?.observedGeneration).toBe(metadata.generation))
    expect(await place.cloud.calls(place.inEks(), { action: 'DeleteNodegroup' })).toEqual([])
    await group.patch({ op: 'replace', path: '/spec/suspend', value: false })
    await group.gone()
  })

  test('a deletion in the middle of the creation waits for EKS and leaves nothing', async ({ place }) => {
    await place.cloud.clock({ pause: true }) // else it could be over before anybody looks
    const group = await place.have({ scaling: { minSize: 1, maxSize: 3 } })
    try {
      await group.condition('Provisioned', { reason: 'Creating' })
      await group.deleteConfirmed()
    } finally {
      await place.cloud.clock({ resume: true })
    }
    await group.gone()
    expect(await place.cloud.group(place.inEks())).toBeUndefined()
  })

  test('a group that another name took over meanwhile is not deleted', async ({ place }) => {
    place.leaves()
    const group = await place.have()
    const { status } = await group.ready()
    await place.cloud.console.nodeGroups.tag(status?.arn ?? '', { 'tidegate.io/owner': 'somebody-else' }, { signal })
    await group.delete()
    await group.gone()
    expect(await place.cloud.needGroup(place.inEks())).toMatchObject({ status: 'ACTIVE' })
    expect(await place.events(group, 'NotOurs')).toEqual([expect.stringContaining('does not carry our mark')])
  })

  test('an object whose target never existed goes at once', async ({ place }) => {
    const group = await place.have({ targetClusterRef: { name: 'nowhere' } })
    await group.condition('Provisioned', { status: 'False', reason: 'ReferenceNotFound', says: ['no TargetCluster nowhere'] })
    await group.delete()
    await group.gone()
  })

  test('the same name applied again after the deletion is a new group', async ({ place }) => {
    const group = await place.have()
    const { status: before, metadata: old } = await group.ready()
    await group.delete()
    await group.gone()
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks() }))
    const { status, metadata } = await group.ready()
    expect(metadata.uid).not.toBe(old.uid)
    expect(status?.arn).not.toBe(before?.arn)
    expect(status?.history?.map(({ operation }) => operation)).toEqual(['Create'])
  })
})
