import { expect, test } from 'vitest'
import type { Holder } from '../../runtime/freeze.ts'
import { aPass } from './test-pass.ts'
import { sayHold, stillMay, waitWhileHeld } from './holder.ts'
import type { Pass } from './pass.ts'

const now = new Date('2026-11-21T06:00:00Z')
const frozen = (until: string) => ({ 'tidegate.io/frozen-until': until })

/** One pass over an object with these annotations; `holders` are its TargetCluster and the release namespace. */
function passOf(
  given: { readonly annotations?: Record<string, string>; readonly suspend?: boolean; readonly deleting?: boolean } = {},
  holders: readonly Holder[] = [],
) {
  const { annotations = {}, suspend = false, deleting = false } = given
  const events: string[] = []
  const object = { annotations, ...(deleting ? { deletionTimestamp: '2026-11-21T05:00:00Z' } : {}) }
  const pass = aPass({ now, object, spec: { suspend }, event: ({ type, reason, note }) => void events.push(`${type} ${reason} ${note}`) })
  return { pass: { ...pass, surroundings: { ...pass.surroundings, holders: () => holders } }, events }
}

const say = ({ draft, context, surroundings }: Pass) => sayHold(draft, context, surroundings)

test('nobody holds an object without marks', () => {
  const { pass, events } = passOf()
  expect([say(pass), stillMay(pass), events]).toEqual([undefined, true, []])
})

const cases: Record<string, [Parameters<typeof passOf>, RegExp]> = {
  'the object is suspended': [[{ suspend: true }], /^this object is suspended \(spec\.suspend\)/],
  'the object is frozen': [[{ annotations: frozen('2026-11-21T07:00:00Z') }], /^this object is frozen until 2026-11-21T07:00:00Z/],
  'the TargetCluster is frozen': [
    [{}, [{ what: 'TargetCluster demo', suspend: false, annotations: frozen('2026-11-21T07:00:00Z') }]],
    /^TargetCluster demo is frozen until 2026-11-21T07:00:00Z/,
  ],
  'the release namespace is frozen': [
    [{}, [{ what: 'namespace tidegate-system', suspend: false, annotations: frozen('2026-11-21T07:00:00Z') }]],
    /^namespace tidegate-system is frozen/,
  ],
}
test.each(Object.entries(cases))('%s: nothing may be changed, and Paused names it', (_, [given, says]) => {
  const { pass, events } = passOf(...given)
  expect(say(pass)?.message).toMatch(says)
  expect(stillMay(pass)).toBe(false)
  expect(pass.draft.conditions.compose(now, 1).find(({ type }) => type === 'Paused')).toMatchObject({ status: 'True', message: expect.stringMatching(says) })
  expect(events).toEqual([])
})

test('a value that cannot be read holds, with a Warning that says what was read and the form wanted', () => {
  const { pass, events } = passOf({ annotations: frozen('tomorrow') })
  expect(say(pass)).toMatchObject({ reason: 'Frozen' })
  expect(events).toEqual([expect.stringMatching(/^Warning FreezeUnclear .*"tomorrow".*RFC 3339.*2026-01-31T18:00:00Z/)])
})

test('what is wrong with the TargetCluster is told there, not on each of its groups', () => {
  const { pass, events } = passOf({}, [{ what: 'TargetCluster demo', suspend: false, annotations: frozen('tomorrow') }])
  expect(say(pass)).toMatchObject({ reason: 'Frozen' })
  expect(events).toEqual([])
})

test('a pass whose signal is aborted may change nothing more', () => {
  const { pass } = passOf()
  const aborted = { ...pass, context: { ...pass.context, signal: AbortSignal.abort() } }
  expect(stillMay(aborted)).toBe(false)
})

test.each([
  ['without an end', undefined, 30_000],
  ['that ends in an hour', 3_600_000, 30_000],
  ['that ends in four seconds', 4_000, 4_000],
])('a freeze %s is looked at again in time', (_, endsInMs, ms) => {
  const { pass } = passOf()
  const hold = { reason: 'Frozen', message: '', ...(endsInMs === undefined ? {} : { endsInMs }) } as const
  expect(waitWhileHeld(pass.draft, hold, { unfinished: false })).toEqual({ kind: 'requeueAfter', ms })
})

test('what the spec asks for and AWS does not have is not called in sync, and what needs a person still comes first', () => {
  const { pass } = passOf({ suspend: true })
  const { conditions } = pass.draft
  conditions.setTrue('InSync', 'NoDrift')
  waitWhileHeld(pass.draft, say(pass)!, { unfinished: false })
  expect(conditions.isTrue('InSync')).toBe(true)
  waitWhileHeld(pass.draft, say(pass)!, { unfinished: true })
  expect(conditions.get('InSync')).toMatchObject({ status: 'False', reason: 'Suspended', message: expect.stringContaining('what the spec asks for waits') })
  conditions.setFalse('InSync', 'Drifted', 'subnetIds differ')
  waitWhileHeld(pass.draft, say(pass)!, { unfinished: true })
  expect(conditions.get('InSync')).toMatchObject({ reason: 'Drifted' })
})

test('a deletion says that it waits, and for what', () => {
  const { pass } = passOf({ annotations: frozen('2026-11-21T07:00:00Z'), deleting: true })
  waitWhileHeld(pass.draft, say(pass)!, { unfinished: true })
  const waiting = pass.draft.conditions.compose(now, 1).find(({ type }) => type === 'Reconciling')
  expect(waiting).toMatchObject({ reason: 'Frozen', message: expect.stringContaining('the deletion waits: this object is frozen until 2026-11-21T07:00:00Z') })
})
