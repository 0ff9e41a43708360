import { describe, expect } from 'vitest'
import type { EksNodeGroup } from '../../../src/crds/eks-node-group.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { eventually } from '../../support/eventually.ts'
import type { Subject } from '../../support/subject.ts'
import { type Place, operatorSpeed, test } from '../../support/world.ts'

const other = '6d0c7a1e-0000-4000-8000-000000000002'

/** This annotation makes us call `action` once, and not again while it stays, whatever else is noted on the object. */
async function expectOnce(
  place: Place,
  group: Subject<EksNodeGroup>,
  { annotation, action }: { readonly annotation: Readonly<Record<string, string>>; readonly action: string },
): Promise<void> {
  const called = async (): Promise<number> => (await place.cloud.calls(place.inEks(), { action })).length
  const before = await called()
  await group.annotate(annotation)
  await eventually(async () => expect(await called()).toBeGreaterThan(before))
  await place.kubectl('annotate', 'eksnodegroup/workers', '-n', place.namespace, `example.com/note=${action}`, '--overwrite')
  await systemClock.sleep(2_000)
  expect(await called()).toBe(before + 1)
}

describe.concurrent('annotations that mean nothing do nothing, and a Warning says so', () => {
  test('confirm-deletion and abandon with a UID that is not this object’s: the deletion waits on', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 1, maxSize: 2 } })
    const { metadata } = await group.ready()
    await group.annotate({ 'confirm-deletion': other })
    await expect(place.kubectl('delete', 'eksnodegroup/workers', '-n', place.namespace, '--wait=false')).rejects.toThrow(
      new RegExp(`tidegate.io/confirm-deletion=${metadata.uid}`),
    )
    await group.deleteUnguarded()
    await group.condition('Reconciling', { status: 'True', reason: 'WaitingForConfirmation', says: [metadata.uid] })
    await group.annotate({ 'confirm-deletion': other, abandon: 'yes please' })
    expect(await place.events(group, 'AnnotationUnclear')).toContainEqual(expect.stringMatching(`confirm-deletion is "${other}".*${metadata.uid}`))
    await group.until(async () => expect(await place.events(group, 'AnnotationUnclear')).toContainEqual(expect.stringMatching('abandon is "yes please"')))
    expect((await place.cloud.needGroup(place.inEks())).status).toBe('ACTIVE')
    expect(await place.nodesOf(place.inEks())).toHaveLength(1)
    await group.annotate({ 'confirm-deletion': metadata.uid })
    await group.gone()
  })

  test('take-over with no UID takes nothing', async ({ place }) => {
    const first = await place.have({}, 'first')
    await first.ready()
    const second = await place.have({ nodeGroupName: place.inEks('first') }, 'second')
    await second.annotate({ 'take-over': 'team-a/first' })
    await second.condition('Stalled', { status: 'True', reason: 'OwnedByAnother' })
    expect(await place.events(second, 'AnnotationUnclear')).toEqual([expect.stringContaining('take-over is "team-a/first", which is no UID')])
    const { tags } = await place.cloud.needGroup(place.inEks('first'))
    expect(tags).toMatchObject({ 'tidegate.io/object': `${place.namespace}/first` })
    await second.delete()
    await second.gone()
    await first.ready()
  })

  test('retry and refresh take any text, once each', async ({ place }) => {
    const message = 'Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole'
    const error = { effect: 'Error', code: 'InvalidParameterException', message }
    const heal = await place.cloud.groupFault(place.inEks(), { action: 'CreateNodegroup', ...error })
    const group = await place.have({ scaling: { minSize: 0, maxSize: 2 } })
    await group.condition('Stalled', { status: 'True', reason: 'RoleNotTrusted' })
    const weird = `\u0001 {"or": [${'ü'.repeat(2000)}`
    await expectOnce(place, group, { annotation: { retry: weird }, action: 'CreateNodegroup' })
    await heal()
    await group.annotate({ retry: 'healed' })
    await group.ready()
    await systemClock.sleep(15_000 / operatorSpeed) // the looks that follow a creation
    await expectOnce(place, group, { annotation: { refresh: weird }, action: 'DescribeNodegroup' })
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=1')
    const { status } = await group.until((object) => expect(object.status?.nodes?.summary).toBe('1/1'))
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Stalled')
    const names = (await place.kubectl('get', 'events', '-n', place.namespace, '-o', 'jsonpath={.items[*].reason}')).split(' ')
    expect(names).not.toContain('AnnotationUnclear')
    await group.ready()
  })
})
