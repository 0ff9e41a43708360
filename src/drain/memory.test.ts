import { expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { cut } from '../lib/cut.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { planDrain } from '../scaling/drain/plan.ts'
import { defaultDrainRules } from '../scaling/drain/rules.ts'
import { aPod } from '../scaling/drain/test-pod.ts'
import type { Outcome } from './answers.ts'
import { DrainMemory } from './memory.ts'

const pods = ['a', 'b', 'c', 'd'].map((name) => aPod(name))
const no: Outcome = { kind: 'Held', result: 'budget', blocker: undefined, budget: 'team/web', firstRetryMs: 1000, lastRetryMs: 20_000 }

function setUp() {
  const clock = new FakeClock()
  const memory = new DrainMemory(clock, seededRandom(1))
  /** Whom a plan would ask, of those that were asked before. */
  const due = (): readonly string[] => {
    const answers = memory.answers('n', pods)
    const rest = { rules: defaultDrainRules, now: clock.now(), deadline: undefined, reach: 'Reachable', tolerating: new Map() } as const
    return planDrain({ pods, answers, ...rest }).pods.flatMap(({ uid }) => (answers.has(uid) ? [uid] : []))
  }
  const tell = (outcome: Outcome, ...names: readonly string[]): void => {
    for (const pod of pods.filter(({ name }) => names.includes(name))) {
      memory.trying('n', pod)
      memory.tell('n', pod, 'Evict', outcome)
    }
  }
  /** What is told of the first pod. */
  const said = (): string | undefined => {
    const what = memory.answers('n', pods).get('uid-a')
    return what?.kind === 'Held' ? what.blocker?.message : undefined
  }
  return { clock, memory, due, tell, said }
}

test('of the pods that one budget refused only one asks again, after a while that grows', async () => {
  const { clock, memory, due, tell } = setUp()
  tell(no, 'a', 'b', 'c', 'd')
  expect(due()).toEqual([])
  const first = memory.nextRetryMs('n', pods) ?? 0
  expect(first).toBeGreaterThanOrEqual(800)
  await clock.advance(first)
  expect(due()).toEqual(['uid-a'])
  tell(no, 'a')
  expect(memory.nextRetryMs('n', pods)).toBeGreaterThan(1500)
  for (let round = 0; round < 10; round += 1) {
    await clock.advance(memory.nextRetryMs('n', pods) ?? 0)
    tell(no, 'a')
  }
  expect(memory.nextRetryMs('n', pods)).toBeLessThanOrEqual(20_000)
})

test('the pods that one budget refuses ask in turns', async () => {
  const { clock, memory, due, tell } = setUp()
  tell(no, 'a', 'b', 'c', 'd')
  const asked: string[] = []
  for (let round = 0; round < 6; round += 1) {
    await clock.advance(memory.nextRetryMs('n', pods) ?? 0)
    const [uid = ''] = due()
    asked.push(uid)
    tell(no, uid.replace('uid-', ''))
  }
  expect(asked).toEqual(['uid-a', 'uid-b', 'uid-c', 'uid-d', 'uid-a', 'uid-b'])
})

test('a budget that let one pod go is asked for the next at once, and for twice as many', async () => {
  const { clock, due, tell } = setUp()
  tell(no, 'a', 'b', 'c', 'd')
  await clock.advance(1000)
  tell({ kind: 'Accepted' }, 'a')
  expect(due()).toEqual(['uid-b', 'uid-c'])
})

test('while one drain asks a budget, another does not', async () => {
  const { clock, memory, tell } = setUp()
  const other = aPod('other')
  tell(no, 'a')
  memory.tell('m', other, 'Evict', no)
  await clock.advance(1000)
  const isDue = (): boolean => [...memory.answers('m', [other]).values()].some((answer) => answer.kind === 'Held' && answer.due)
  expect(isDue()).toBe(true)
  memory.trying('n', aPod('a'))
  expect(isDue()).toBe(false)
})

test('an eviction that never showed is asked for again', async () => {
  const { clock, memory, tell } = setUp()
  tell({ kind: 'Accepted' }, 'a', 'b')
  expect(memory.answers('n', pods.slice(0, 1)).size).toBe(1)
  expect(memory.answers('n', pods).size).toBe(2)
  await clock.advance(61_000)
  expect(memory.answers('n', pods).size).toBe(0)
})

test('what comes back again and again is tried once in a while, and to ask for it uses nothing up', async () => {
  const { clock, memory, tell } = setUp()
  const isTime = (): boolean => memory.isTimeFor('n', 'rs', 1000)
  expect([isTime(), isTime()]).toEqual([true, true])
  tell({ kind: 'Accepted' }, 'a')
  expect(isTime()).toBe(false)
  await clock.advance(1000)
  expect(isTime()).toBe(true)
})

const refusedAs = (why: string): Outcome => ({
  kind: 'Held',
  result: 'refused',
  blocker: { pod: 'team/a', reason: 'EvictionRefused', by: 'API server', message: why },
  firstRetryMs: 1000,
  lastRetryMs: 20_000,
})

test('words of a refusal that hold a time or an id stay as they were first, other words do not', () => {
  const { tell, said } = setUp()
  tell(refusedAs('denied at 06:00:01 (request 8ec3a1a5-11f1)'), 'a')
  tell(refusedAs('denied at 06:00:21 (request 7ad2b0c4-22e2)'), 'a')
  expect(said()).toBe('denied at 06:00:01 (request 8ec3a1a5-11f1)')
  tell(refusedAs('not today'), 'a')
  expect(said()).toBe('not today')
})

const words = (time: string, end = 'because of a rule that is long '): string => cut(`checked in ${time}: ${end.repeat(100)}`, 1024)
const withId = (id: string): string => cut(`${'x '.repeat(505)}request id=${id}`, 1024)

test('so do long ones, of which as much is left as the times before let', () => {
  const { tell, said } = setUp()
  tell(refusedAs(words('9.81s')), 'a')
  for (const time of ['12.41s', '8s', '100.5s']) tell(refusedAs(words(time)), 'a')
  expect(said()).toBe(words('9.81s'))
  tell(refusedAs(words('9.81s', 'for another reason ')), 'a')
  expect(said()).toBe(words('9.81s', 'for another reason '))
  tell(refusedAs(withId('abcdef-0123')), 'a')
  tell(refusedAs(withId('9bcdef-0123')), 'a')
  expect(said()).toBe(withId('abcdef-0123'))
})

const fits = (time: string): string => cut(`checked in ${time}: ${'because of a rule that is long '.repeat(40)}`.slice(0, 1022 + time.length), 1024)

test('so do words that just fit at one time, and at another do not', () => {
  const { tell, said } = setUp()
  expect([fits('9s').length, fits('9s').at(-1), fits('10s').at(-1)]).toEqual([1024, expect.not.stringMatching('…'), '…'])
  for (const time of ['9s', '10s', '8s', '11s']) tell(refusedAs(fits(time)), 'a')
  expect(said()).toBe(fits('9s'))
})

const denied = (why: string): string => cut(`admission webhook "w" denied the request: ${why}`, 1024)

test('another refusal is told also where both begin alike and end in a word that was cut', () => {
  const { tell, said } = setUp()
  tell(refusedAs(denied('A'.repeat(2000))), 'a')
  tell(refusedAs(denied('the licence server is down '.repeat(60))), 'a')
  expect(said()).toContain('licence')
})

test('long words without a digit are compared at once', () => {
  const { tell } = setUp()
  const started = systemClock.monotonicMs()
  for (const end of [' a', ' b']) tell(refusedAs('x'.repeat(100_000) + end), 'a')
  expect(systemClock.monotonicMs() - started).toBeLessThan(1000)
})

test('where evictions and deletions are refused in turns, each waits longer from time to time', () => {
  const { memory } = setUp()
  const pod = aPod('a')
  const refused = refusedAs('keep it')
  const waits = Array.from({ length: 4 }, () => {
    for (const act of ['Evict', 'Delete'] as const) memory.tell('n', pod, act, refused)
    return memory.nextRetryMs('n', [pod]) ?? 0
  })
  expect(waits.map((ms) => Math.log2(ms / 1000)).map((power) => Math.abs(Math.round(power)))).toEqual([0, 1, 2, 3])
})

test('a drain that lasts for days keeps nothing of pods that came and went, and what it knows of those that are there', async () => {
  const { clock, memory } = setUp()
  const refused: Outcome = { kind: 'Held', result: 'refused', blocker: undefined, firstRetryMs: 1000, lastRetryMs: 20_000 }
  const [stays, went] = [aPod('stays'), aPod('went', { controller: { kind: 'Workflow', name: 'w', uid: 'of-went' } })]
  for (const pod of [stays, went]) {
    memory.trying('n', pod)
    memory.tell('n', pod, 'Evict', refused)
  }
  memory.listed('n', [stays])
  expect([...memory.answers('n', [stays, went]).keys()]).toEqual([stays.uid, went.uid])
  for (let seconds = 0; seconds < 700; seconds += 10) {
    await clock.advance(10_000)
    memory.listed('n', [stays])
  }
  expect([...memory.answers('n', [stays, went]).keys()]).toEqual([stays.uid])
  // Nobody knows any more that it was ever tried.
  expect(memory.isTimeFor('n', 'of-went', Number.POSITIVE_INFINITY)).toBe(true)
})
