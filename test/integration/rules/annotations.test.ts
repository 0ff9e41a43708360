import { describe, expect } from 'vitest'
import { test } from '../../support/world.ts'

const other = '6d0c7a1e-0000-4000-8000-000000000002'

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
    await second.delete()
    await second.gone()
    await first.ready()
  })

  test('retry and refresh take any text, once each', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 2 } })
    await group.ready()
    const weird = `\u0001 {"or": [${'ü'.repeat(2000)}`
    await group.annotate({ retry: weird, refresh: weird })
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=1')
    const { status } = await group.until((object) => expect(object.status?.nodes?.summary).toBe('1/1'))
    expect(status?.conditions?.map(({ type }) => type)).not.toContain('Stalled')
    const names = (await place.kubectl('get', 'events', '-n', place.namespace, '-o', 'jsonpath={.items[*].reason}')).split(' ')
    expect(names).not.toContain('AnnotationUnclear')
    await group.ready()
  })
})
