import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { blockerOf } from './blocker.ts'
import { type Answer, type PlanInput, planDrain } from './plan.ts'
import { hasToGo, podKey, waveOf } from './pod.ts'
import { isAsGoodAsGone } from './reach.ts'
import type { DrainRules } from './rules.ts'
import { aPod, later, now } from './test-pod.ts'

const budget = { pod: 'team/a', reason: 'DisruptionBudget', by: 'PodDisruptionBudget team/web', message: 'no' } as const
const anyDate = fc.option(fc.integer({ min: -600, max: 600 }).map(later), { nil: undefined })
const anyPod = fc.record({
  controller: fc.option(
    fc.constantFrom('ReplicaSet', 'DaemonSet', 'Job', 'StatefulSet').map((kind) => ({ kind, name: 'c', uid: kind })),
    { nil: undefined },
  ),
  finished: fc.boolean(),
  mirror: fc.boolean(),
  critical: fc.boolean(),
  own: fc.boolean(),
  localData: fc.boolean(),
  graceEndsAt: anyDate,
  doNotDisrupt: fc.constantFrom(undefined, 'true', 'false', '1h', 'x'),
  safeToEvict: fc.constantFrom(undefined, 'true', 'false'),
  gracePeriodSeconds: fc.constantFrom(0, 30, 3600),
})
const anyPods = fc.array(anyPod, { maxLength: 12 }).map((pods) => pods.map((pod, n) => aPod(`p${n}`, pod)))
const anyRules: fc.Arbitrary<DrainRules> = fc.record({
  onTimeout: fc.constantFrom('Wait', 'Fail', 'Force'),
  unmanagedPods: fc.constantFrom('Block', 'Evict'),
  jobs: fc.constantFrom('Wait', 'Evict'),
  emptyDir: fc.constantFrom('Delete', 'Block'),
  gracePeriodSeconds: fc.constantFrom(undefined, 1, 60),
})
const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.constantFrom<Answer>({ kind: 'Accepted' }, { kind: 'Gone' }),
  fc.record({
    kind: fc.constant('Held' as const),
    act: fc.constantFrom('Evict', 'Delete'),
    refused: fc.boolean(),
    due: fc.boolean(),
    times: fc.nat({ max: 5 }),
    blocker: fc.constant(budget),
  }),
)
const anyInput: fc.Arbitrary<PlanInput> = fc.record({
  pods: anyPods,
  rules: anyRules,
  now: fc.constant(now),
  deadline: anyDate,
  reach: fc.constantFrom('Reachable', 'NotReady', 'Unreachable'),
  answers: fc
    .dictionary(
      fc.integer({ min: 0, max: 11 }).map((n) => `uid-p${n}`),
      anyAnswer,
    )
    .map((entries) => new Map(Object.entries(entries))),
  tolerating: fc.dictionary(fc.constantFrom('ReplicaSet', 'Job'), fc.boolean()).map((entries) => new Map(Object.entries(entries))),
})

test('what stays on a node is never named, and what leaves already is not evicted', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { pods, act, left } = planDrain(input)
      expect(pods.filter((pod) => !hasToGo(pod))).toEqual([])
      expect(pods.filter(({ graceEndsAt }) => act === 'Evict' && graceEndsAt !== undefined)).toEqual([])
      expect(pods.length).toBeLessThanOrEqual(left.length)
    }),
  )
})

test('no wave begins before the one before it has left', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { pods } = planDrain({ ...input, reach: 'Reachable' })
      const there = input.pods.filter((pod) => hasToGo(pod) && input.answers.get(pod.uid)?.kind !== 'Gone').map((pod) => waveOf(pod))
      for (const pod of pods) expect(waveOf(pod)).toBe(Math.min(...there))
    }),
  )
})

test('nothing is deleted before the deadline, or without force', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { act } = planDrain(input)
      const { rules, deadline } = input
      const mayForce = rules.onTimeout === 'Force' && deadline !== undefined && deadline <= now
      expect(mayForce || act === 'Evict').toBe(true)
    }),
  )
})

test('nothing is deleted that was never asked to go, unless a rule kept it from being asked', () => {
  fc.assert(
    fc.property(anyInput, ({ rules, ...rest }) => {
      const input: PlanInput = { ...rest, rules: { ...rules, onTimeout: 'Force' }, deadline: now }
      const { act, pods } = planDrain(input)
      const unasked = pods.filter((pod) => input.answers.get(pod.uid)?.kind !== 'Held' && pod.graceEndsAt === undefined)
      expect(act === 'Evict' ? [] : unasked.filter((pod) => blockerOf(pod, rules, now) === undefined)).toEqual([])
      // and no rule is got round by an eviction
      expect(act === 'Delete' ? [] : pods.filter((pod) => blockerOf(pod, rules, now) !== undefined)).toEqual([])
    }),
    // few of such inputs have a pod that is free to go
    { numRuns: 2000 },
  )
})

test('every pod that is left goes, leaves, waits its turn, or is named', () => {
  fc.assert(
    fc.property(anyInput, (given) => {
      const input: PlanInput = { ...given, rules: { ...given.rules, onTimeout: 'Wait' }, answers: new Map() }
      const { pods, blocked } = planDrain(input)
      const there = input.pods.filter((pod) => hasToGo(pod) && !isAsGoodAsGone(pod, input.reach, now))
      const first = Math.min(...there.map((pod) => waveOf(pod)))
      const said = new Set([...pods.map((pod) => podKey(pod)), ...blocked.map(({ pod }) => pod)])
      const ofItsTurn = there.filter((pod) => waveOf(pod) === first && pod.graceEndsAt === undefined)
      expect(ofItsTurn.filter((pod) => !said.has(podKey(pod)))).toEqual([])
    }),
    // few of such inputs have several pods of the first wave
    { numRuns: 1000 },
  )
})

test('of a budget that may be asked somebody asks, as many as it lets at once, whoever else it refused', () => {
  fc.assert(
    fc.property(anyInput, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (given, free, atOnce) => {
      const held = { kind: 'Held', act: 'Evict', refused: true, due: true, times: 1, blocker: undefined } as const
      const pods = given.pods.map((pod, n) => (free[n] === true ? aPod(pod.name) : pod))
      const input: PlanInput = { ...given, pods, rules: { ...given.rules, onTimeout: 'Wait' }, tolerating: new Map() }
      const all = new Map(input.pods.map(({ uid }) => [uid, held]))
      const couldGo = planDrain({ ...input, answers: all }).pods
      const ofOne = new Map([...all].map(([uid, answer]) => [uid, { ...answer, budget: { name: 'team/web', atOnce } }]))
      expect(planDrain({ ...input, answers: ofOne }).pods).toEqual(couldGo.slice(0, atOnce))
    }),
  )
})

test('pods that vanish when they are evicted are fewer with every round, until the node looks empty', () => {
  fc.assert(
    fc.property(anyPods, fc.constantFrom<DrainRules['onTimeout']>('Wait', 'Force'), (pods, onTimeout) => {
      const rules: DrainRules = { onTimeout, unmanagedPods: 'Evict', jobs: 'Evict', emptyDir: 'Delete' }
      let there = pods.map((pod) => ({ ...pod, doNotDisrupt: undefined, safeToEvict: undefined, graceEndsAt: undefined }))
      const lefts: number[] = []
      for (let round = 0; round <= pods.length + 1; round += 1) {
        const next = planDrain({ pods: there, rules, now, deadline: now, reach: 'Reachable', answers: new Map(), tolerating: new Map() })
        lefts.push(next.left.length)
        if (next.verdict === 'LooksEmpty') break
        there = there.filter((pod) => !next.pods.some(({ uid }) => uid === pod.uid))
      }
      expect(lefts).toEqual([...new Set(lefts)].toSorted((a, b) => b - a))
      expect(lefts.at(-1)).toBe(0)
    }),
  )
})
