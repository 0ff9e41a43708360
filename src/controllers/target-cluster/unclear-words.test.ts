import { describe, expect, test } from 'vitest'
import { World } from './test-world.ts'

const frozenUntil = 'tidegate.io/frozen-until'
const wanted = 'wanted is an RFC 3339 time at most 30 days away, such as 2026-01-31T18:00:00Z'
const frozen = (what: string): string => `FreezeUnclear: ${what} is frozen because ${frozenUntil} is "tomorrow", which is no time; ${wanted}`
const unclear = (name: string, value: string): string =>
  `AnnotationUnclear: tidegate.io/${name} is ${JSON.stringify(value)}, which is not the UID of this object (t1); it does nothing`

interface Case {
  readonly annotations?: Readonly<Record<string, string>>
  readonly onNamespace?: Readonly<Record<string, string>>
  readonly told: readonly string[]
}

const cases: Record<string, Case> = {
  'no word': { told: [] },
  'the right UID': { annotations: { 'tidegate.io/confirm-deletion': 't1' }, told: [] },
  'a time': { annotations: { [frozenUntil]: '2026-11-21T18:00:00Z' }, onNamespace: { [frozenUntil]: '2026-11-21T18:00:00Z' }, told: [] },
  'another UID where its own is wanted': { annotations: { 'tidegate.io/confirm-deletion': 't2' }, told: [unclear('confirm-deletion', 't2')] },
  'a word where a UID is wanted': { annotations: { 'tidegate.io/abandon': 'yes please' }, told: [unclear('abandon', 'yes please')] },
  'a freeze of the object until no time': { annotations: { [frozenUntil]: 'tomorrow' }, told: [frozen('this object')] },
  'a freeze of the release namespace until no time': { onNamespace: { [frozenUntil]: 'tomorrow' }, told: [frozen('namespace tidegate-system')] },
}

function worldOf({ annotations = {}, onNamespace }: Case): World {
  const world = new World()
  world.annotations = annotations
  world.namespace = { ...world.namespace, annotations: onNamespace }
  world.users = [{ object: 'training/workers', groupName: 'workers' }] // so that a deletion waits
  return world
}

async function three(pass: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < 3; n += 1) await pass()
}

const paused = (world: World): string | undefined => world.status?.conditions?.find(({ type }) => type === 'Paused')?.message

describe('a word that means nothing is told once, and not in each pass', () => {
  test.each(Object.entries(cases))('%s', async (_, given) => {
    const world = worldOf(given)
    await three(async () => await world.pass('reconcile'))
    expect(world.events).toEqual(given.told)
  })

  test.each(Object.entries(cases))('while it is being deleted: %s', async (_, given) => {
    const world = worldOf(given)
    await three(async () => await world.pass('finalize'))
    expect(world.events).toEqual(given.told)
  })

  test.each(Object.entries(cases))('though AWS cannot be asked: %s', async (_, given) => {
    const world = worldOf(given)
    world.accountId = '444455556666'
    await three(async () => await expect(world.pass('reconcile')).rejects.toMatchObject({ reason: 'WrongAccount' }))
    expect(world.events).toEqual(given.told)
  })
})

test.each(['reconcile', 'finalize'] as const)('the freeze holds, and its end is waited for (%s)', async (kind) => {
  const world = worldOf({ annotations: { [frozenUntil]: '2026-11-21T06:00:10Z' }, onNamespace: { [frozenUntil]: 'tomorrow' }, told: [] })
  expect(await world.pass(kind)).toEqual({ kind: 'requeueAfter', ms: 10_000 })
  expect(paused(world)).toMatch(/^this object is frozen until 2026-11-21T06:00:10Z; namespace tidegate-system is frozen because .*"tomorrow"/)
})

test('what was corrected and comes back is told again, and an object that is gone is forgotten', async () => {
  const world = worldOf({ told: [] })
  for (const value of ['yes', 'yes', 't1', 'yes', 'yes']) {
    world.annotations = { 'tidegate.io/confirm-deletion': value }
    await world.pass('reconcile')
  }
  expect(world.events).toHaveLength(2)
  world.reconciler.release({ name: 'demo', uid: 't1' })
  await world.pass('reconcile')
  expect(world.events).toHaveLength(3)
})
