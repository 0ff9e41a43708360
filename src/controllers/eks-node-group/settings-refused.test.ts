import { expect, test } from 'vitest'
import { RefusingWorld, minute, remedy, sizes } from './test-refusing-world.ts'
import type { aSpec } from './test-spec.ts'

const withTag = { tags: { team: 'web' } }
const withLabel = { labels: { pool: 'web' } }
const kinds: readonly ['Tag' | 'UpdateConfig', Parameters<typeof aSpec>[0], string, string][] = [
  ['Tag', withTag, 'tags', 'eks:TagResource'],
  ['UpdateConfig', withLabel, 'labels', 'eks:UpdateNodegroupConfig'],
]

test.each(kinds)('%s: where nothing else is to do the object is Stalled with the reason and the remedy of AWS', async (kind, spec, field, action) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  expect(world.calls(kind)).toHaveLength(1)
  expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'AccessDenied', message: `${action} is denied. ${remedy}` })
  expect(world.condition('Ready')).toMatchObject({ status: 'False', reason: 'AccessDenied' })
  expect(world.condition('Reconciling')).toBeUndefined()
  expect(world.condition('InSync')).toMatchObject({ status: 'False', reason: 'Drifted', message: expect.stringContaining(`${field} differ in EKS`) })
  expect(world.object.status?.drift).toMatchObject([{ field, remedy: expect.stringContaining(action) }])
  expect(world.object.status?.operation).toBeUndefined()
})

test.each(kinds)('%s that AWS refuses: a lower number is brought about, and its nodes are drained and ended', async (kind, spec, field) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  world.edit({ scaling: sizes(1) })
  const from = world.said.length
  await world.run(2 * minute)
  expect(world.calls('Terminate')).toHaveLength(1)
  expect(world.asg.desiredCapacity).toBe(1)
  expect(world.object.status?.removals).toBeUndefined()
  // Of the refusal it was told all the while, and of the work.
  const passes = world.said.slice(from).map((conditions) => conditions.map(({ type, reason }) => `${type} ${reason}`))
  expect(passes.filter((pass) => pass.includes('InSync Drifted'))).toHaveLength(passes.length)
  expect(passes.some((pass) => pass.includes('Reconciling RemovingNodes') && !pass.includes('Stalled AccessDenied'))).toBe(true)
  expect(world.condition('InSync')?.message).toContain(field)
  expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'AccessDenied' })
  // The edit was worth one more try.
  expect(world.calls(kind)).toHaveLength(2)
})

test.each(kinds)('%s that AWS refuses: a node whose drain has begun is ended', async (kind, spec) => {
  const world = new RefusingWorld({ ...spec, scaling: sizes(1) })
  await world.run(minute)
  expect([world.calls('Terminate').length, world.calls(kind).length]).toEqual([1, 1])
})

test.each(kinds)('%s that AWS refuses: a raised number is brought to EKS', async (_, spec) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  world.edit({ scaling: sizes(4) })
  await world.run(minute)
  expect(world.calls('UpdateScaling')).toEqual(['UpdateScaling {"desiredSize":4}'])
  expect(world.object.status?.nodes?.summary).toBe('4/4')
  expect(world.condition('Stalled')).toMatchObject({ status: 'True', reason: 'AccessDenied' })
})

test.each(kinds)(
  '%s that AWS refuses is asked for again after ten minutes and not before, and P7: nothing else is written or read for it',
  async (kind, spec) => {
    const world = new RefusingWorld(spec)
    await world.run(minute)
    const { looks, writes } = world
    await world.run(8 * minute)
    expect([world.calls(kind).length, world.looks, world.writes]).toEqual([1, looks, writes])
    await world.run(2 * minute)
    expect(world.calls(kind)).toHaveLength(2)
    await world.run(11 * minute)
    expect(world.calls(kind)).toHaveLength(3)
    // each of the two tries: the intent and the answer
    const perTry = 2
    expect([world.looks - looks, world.writes - writes]).toEqual([2 * perTry, 2 * perTry])
  },
)

test.each(kinds)('%s that AWS refuses is asked for at once on a retry token, on another spec, and by another process', async (kind, spec) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  world.retry('now')
  await world.run(minute)
  expect(world.calls(kind)).toHaveLength(2)
  world.edit({ tags: { team: 'ops' }, labels: { pool: 'ops' } })
  await world.run(minute)
  expect(world.calls(kind).at(-1)).toMatch(/ops/)
  const { length } = world.calls(kind)
  world.restart()
  await world.run(minute)
  expect(world.calls(kind)).toHaveLength(length + 1)
})

test.each(kinds)('%s that AWS refused is not asked for again where the status that says so was not stored', async (kind, spec) => {
  const world = new RefusingWorld(spec)
  while (world.calls(kind).length === 0) await world.run(0)
  world.object = { ...world.object, status: world.stored.at(-2) ?? {} }
  expect(world.object.status?.operation).toMatchObject({ kind })
  await world.run(minute)
  expect(world.calls(kind)).toHaveLength(1)
  expect(world.object.status?.operation).toBeUndefined()
  expect(world.condition('Stalled')).toMatchObject({ reason: 'AccessDenied' })
})

test.each(kinds)('%s that AWS takes in the end is told as any other', async (kind, spec) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  world.refuses.clear()
  await world.run(11 * minute)
  expect(world.condition('Stalled')).toBeUndefined()
  expect(world.condition('Ready')).toMatchObject({ status: 'True' })
  expect(world.object.status?.history?.at(-1)).toMatchObject({ operation: kind, outcome: 'Succeeded' })
})

test.each(kinds)('%s that AWS refused, and that somebody brought by hand, is no refusal any more when it is taken off again', async (_, spec) => {
  const world = new RefusingWorld(spec)
  await world.run(minute)
  const before = world.group
  world.group = { ...before, tags: { ...before.tags, ...spec?.tags }, labels: { ...before.labels, ...spec?.labels } }
  await world.run(11 * minute)
  expect(world.condition('InSync')).toMatchObject({ status: 'True' })
  world.refuses.clear()
  world.group = before
  const from = world.said.length
  await world.run(11 * minute)
  const reasons = world.said.slice(from).flatMap((conditions) => conditions.filter(({ type }) => type === 'InSync').map(({ reason }) => reason))
  expect(new Set(reasons)).toEqual(new Set(['NoDrift', 'Correcting']))
})

test('both that AWS refuses are told, and neither keeps the other from being asked for', async () => {
  const world = new RefusingWorld({ ...withTag, ...withLabel })
  await world.run(5 * minute)
  expect([world.calls('Tag').length, world.calls('UpdateConfig').length]).toEqual([1, 1])
  expect(world.condition('Stalled')?.message).toMatch(/UpdateNodegroupConfig is denied.*TagResource is denied/)
  world.refuses.delete('Tag')
  world.retry('tags')
  await world.run(minute)
  expect(world.group.tags).toMatchObject(withTag.tags)
  expect(world.condition('Stalled')?.message).not.toContain('TagResource')
})

test('an update of the version waits for settings that AWS refuses', async () => {
  const world = new RefusingWorld({ ...withTag, version: '1.36', update: { approval: 'Automatic', force: false } })
  world.group = { ...world.group, version: '1.35' }
  await world.run(5 * minute)
  expect(world.condition('UpToDate')).toMatchObject({
    status: 'False',
    reason: 'UpdateHeldBack',
    message: expect.stringContaining('AWS refuses to set tags, which come before an update'),
  })
  expect(world.condition('Stalled')).toMatchObject({ reason: 'AccessDenied' })
})

test.each(kinds)('%s that AWS refuses is told also where it refuses to end a node', async (_, spec, field) => {
  const world = new RefusingWorld({ ...spec, scaling: sizes(1) })
  world.refuses.add('Terminate')
  await world.run(5 * minute)
  expect(world.condition('Stalled')).toMatchObject({ message: expect.stringContaining('Terminate') })
  expect(world.condition('InSync')).toMatchObject({ reason: 'Drifted', message: expect.stringContaining(field) })
})
