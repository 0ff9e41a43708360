import { expect, test } from 'vitest'
import type { Blocker } from './blocker.ts'
import { type Answer, type DrainPlan, type PlanInput, forcedGraceSeconds, planDrain } from './plan.ts'
import type { DrainPod } from './pod.ts'
import { defaultDrainRules, type DrainRules } from './rules.ts'
import { aPod, later, now } from './test-pod.ts'

interface Shown {
  readonly act: DrainPlan['act']
  readonly go: readonly string[]
  readonly left: number
  readonly blocked: readonly string[]
  readonly verdict: DrainPlan['verdict']
}

function plan(pods: readonly DrainPod[], over: Partial<PlanInput> & { readonly rule?: Partial<DrainRules> } = {}): Shown {
  const { rule, ...input } = over
  const rules = { ...defaultDrainRules, ...rule }
  const {
    act,
    pods: go,
    left,
    blocked,
    verdict,
  } = planDrain({
    pods,
    rules,
    now,
    deadline: later(600),
    reach: 'Reachable',
    answers: new Map(),
    tolerating: new Map(),
    ...input,
  })
  return { act, go: go.map(({ name }) => name), left: left.length, blocked: blocked.map(({ reason, by }) => `${reason}: ${by}`), verdict }
}

const daemon = aPod('agent', { controller: { kind: 'DaemonSet', name: 'agent', uid: 'ds' } })
const job = aPod('step', { controller: { kind: 'Job', name: 'train', uid: 'j' } })
const dns = aPod('dns', { namespace: 'kube-system', critical: true })
const own = aPod('operator', { own: true })
const budget: Blocker = { pod: 'team/a', reason: 'DisruptionBudget', by: 'PodDisruptionBudget team/web', message: 'no' }
const refused = { kind: 'Held', act: 'Evict', refused: true, due: false, times: 1, blocker: budget } as const
const force = { onTimeout: 'Force' } as const
const answer = (pod: string, what: Answer): Pick<PlanInput, 'answers'> => ({ answers: new Map([[`uid-${pod}`, what]]) })
/** Refused by one budget, and due again. */
const heldTogether = (atOnce: number, ...pods: readonly string[]): Pick<PlanInput, 'answers'> => ({
  answers: new Map(pods.map((pod) => [`uid-${pod}`, { ...refused, due: true, budget: { name: 'team/web', atOnce } }])),
})
const nothing: Shown = { act: 'Evict', go: [], left: 0, blocked: [], verdict: 'LooksEmpty' }
const evict: Partial<Shown> = { act: 'Evict', blocked: [], verdict: 'Draining' }

type Case = readonly [sentence: string, pods: readonly DrainPod[], input: Parameters<typeof plan>[1], expected: Partial<Shown>]
const cases: readonly Case[] = [
  ['a node with nothing on it looks empty', [], {}, nothing],
  ['pods of DaemonSets stay', [daemon], {}, nothing],
  ['mirror pods stay', [aPod('proxy', { mirror: true })], {}, nothing],
  ['finished pods stay', [aPod('done', { finished: true })], {}, nothing],
  ['ordinary pods are evicted, by name', [aPod('b'), aPod('a'), daemon], {}, { ...evict, go: ['a', 'b'], left: 2 }],
  ['critical pods wait for ordinary ones', [dns, aPod('a')], {}, { ...evict, go: ['a'], left: 2 }],
  ['critical pods wait for ordinary ones that are still leaving', [dns, aPod('a', { graceEndsAt: later(20) })], {}, { ...evict, go: [], left: 2 }],
  ['critical pods wait for an ordinary one that is blocked', [dns, job], {}, { go: [], left: 2, blocked: ['JobRunning: Job team/train'] }],
  ['critical pods go when they are alone', [dns, own], {}, { ...evict, go: ['dns'], left: 2 }],
  ['our own pods go last of all', [own, daemon], {}, { ...evict, go: ['operator'], left: 1 }],
  ['a pod that is leaving is not evicted again', [aPod('a', { graceEndsAt: later(20) })], {}, { ...evict, go: [], left: 1 }],
  ['a pod whose eviction was taken is not evicted again', [aPod('a')], answer('a', { kind: 'Accepted' }), { ...evict, go: [], left: 1 }],
  ['a pod that the server no longer knows is not waited for', [aPod('a')], answer('a', { kind: 'Gone' }), nothing],
  [
    'a pod that a budget holds is named and left alone until it is due',
    [aPod('a'), aPod('b')],
    answer('a', refused),
    { go: ['b'], left: 2, blocked: ['DisruptionBudget: PodDisruptionBudget team/web'] },
  ],
  [
    'a pod that a budget holds is tried again when it is due, and named all the while',
    [aPod('a')],
    answer('a', { ...refused, due: true }),
    { go: ['a'], blocked: ['DisruptionBudget: PodDisruptionBudget team/web'] },
  ],
  [
    'of the pods that one budget refused as many ask as it lets at once',
    [aPod('a'), aPod('b'), aPod('c')],
    heldTogether(2, 'a', 'b', 'c'),
    { go: ['a', 'b'], left: 3 },
  ],
  ['a pod that has ended takes no turn of its budget', [aPod('a', { finished: true }), aPod('b')], heldTogether(1, 'a', 'b'), { go: ['b'] }],
  ['a pod that leaves takes no turn of its budget', [aPod('a', { graceEndsAt: later(20) }), aPod('b')], heldTogether(1, 'a', 'b'), { go: ['b'] }],
  ['a pod that somebody keeps takes no turn of its budget', [aPod('a', { doNotDisrupt: 'true' }), aPod('b')], heldTogether(1, 'a', 'b'), { go: ['b'] }],
  [
    'who was refused less often asks first, by whomever',
    [aPod('a'), aPod('b')],
    {
      answers: new Map([
        ['uid-a', { ...refused, due: true, times: 5 }],
        ['uid-b', { ...refused, due: true, times: 2, budget: { name: 'team/web', atOnce: 1 } }],
      ]),
    },
    { go: ['b', 'a'] },
  ],
  ['a pod of a later wave takes no turn of its budget', [aPod('a', { critical: true }), aPod('b')], heldTogether(1, 'a', 'b'), { go: ['b'] }],
  [
    'force deletes all that one budget refused',
    [aPod('a'), aPod('b')],
    { deadline: now, rule: force, ...heldTogether(1, 'a', 'b') },
    { act: 'Delete', go: ['a', 'b'] },
  ],
  [
    'Karpenter’s mark holds a pod',
    [aPod('a', { doNotDisrupt: 'true' })],
    {},
    { go: [], blocked: ['DoNotDisrupt: annotation karpenter.sh/do-not-disrupt=true'] },
  ],
  ['Karpenter’s mark set to false holds nothing', [aPod('a', { doNotDisrupt: 'false' })], {}, { go: ['a'] }],
  ['Karpenter’s mark may be a duration that is over', [aPod('a', { doNotDisrupt: '30m' })], {}, { go: ['a'] }],
  ['Karpenter’s mark may be a duration that is not over', [aPod('a', { doNotDisrupt: '1h30m' })], {}, { go: [] }],
  ['a mark that nobody can read holds', [aPod('a', { doNotDisrupt: 'soon' })], {}, { go: [] }],
  ['Cluster Autoscaler’s mark holds a pod', [aPod('a', { safeToEvict: 'false' })], {}, { go: [], left: 1 }],
  ['Cluster Autoscaler’s mark set to true holds nothing', [aPod('a', { safeToEvict: 'true' })], {}, { go: ['a'] }],
  ['a pod without a controller blocks', [aPod('bare', { controller: undefined })], {}, { go: [], blocked: ['UnmanagedPod: pod team/bare'] }],
  ['a pod without a controller goes where that is allowed', [aPod('bare', { controller: undefined })], { rule: { unmanagedPods: 'Evict' } }, { go: ['bare'] }],
  ['a Job is waited for', [job], {}, { go: [], blocked: ['JobRunning: Job team/train'] }],
  ['a Job is waited for also after the deadline, where that means Wait', [job], { deadline: now }, { go: [], verdict: 'Draining' }],
  [
    'a training job of another kind is a job',
    [aPod('w', { controller: { kind: 'PyTorchJob', name: 'llm', uid: 'p' } })],
    {},
    { go: [], blocked: ['JobRunning: PyTorchJob team/llm'] },
  ],
  [
    'the pods that work for a RayJob belong to its RayCluster',
    [aPod('w', { controller: { kind: 'RayCluster', name: 'llm-x7k2p', uid: 'r' } })],
    {},
    { go: [], blocked: ['JobRunning: RayCluster team/llm-x7k2p'] },
  ],
  ['a Job goes where that is allowed', [job], { rule: { jobs: 'Evict' } }, { go: ['step'] }],
  ['local data goes with the pod', [aPod('a', { localData: true })], {}, { go: ['a'] }],
  [
    'local data holds where it is said to',
    [aPod('a', { localData: true })],
    { rule: { emptyDir: 'Block' } },
    { go: [], blocked: ['LocalData: emptyDir of pod team/a'] },
  ],
  [
    'what comes back too often is left alone',
    [aPod('a')],
    { tolerating: new Map([['rs', false]]) },
    { go: [], blocked: ['ToleratesDrain: ReplicaSet team/web-1'] },
  ],
  ['what comes back too often is tried now and then', [aPod('a')], { tolerating: new Map([['rs', true]]) }, { go: ['a'], left: 1 }],
  ['one that should have ended is named', [aPod('a', { graceEndsAt: later(-90) })], {}, { go: [], left: 1, blocked: ['StuckTerminating: pod team/a'] }],
  ['an unreachable node’s pods are evicted', [aPod('a')], { reach: 'Unreachable' }, { go: ['a'], left: 1 }],
  ['an unreachable node’s leaving pods are not waited for', [aPod('a', { graceEndsAt: later(20) })], { reach: 'Unreachable' }, nothing],
  ['a node that is not Ready may still end its pods', [aPod('a', { graceEndsAt: later(20) })], { reach: 'NotReady' }, { go: [], left: 1 }],
  ['a node that is not Ready had its time', [aPod('a', { graceEndsAt: later(-1) })], { reach: 'NotReady' }, nothing],
  ['the deadline may mean nothing', [aPod('a')], { deadline: now }, { ...evict, go: ['a'], left: 1 }],
  ['the deadline may end the drain', [aPod('a')], { deadline: now, rule: { onTimeout: 'Fail' } }, { act: 'Evict', go: [], left: 1, verdict: 'Failed' }],
  ['a drain that has finished by the deadline has not failed', [daemon], { deadline: now, rule: { onTimeout: 'Fail' } }, nothing],
  [
    'force deletes what rules held',
    [job, aPod('bare', { controller: undefined })],
    { deadline: now, rule: { onTimeout: 'Force' } },
    { act: 'Delete', go: ['bare', 'step'], blocked: [] },
  ],
  ['force waits for the deadline', [job], { rule: { onTimeout: 'Force' } }, { act: 'Evict', go: [] }],
  ['force deletes wave by wave', [dns, aPod('a')], { deadline: now, rule: force, ...answer('a', refused) }, { act: 'Delete', go: ['a'] }],
  ['force asks the next wave first too', [dns], { deadline: now, rule: force }, { act: 'Evict', go: ['dns'] }],
  ['force leaves DaemonSets alone', [daemon], { deadline: now, rule: { onTimeout: 'Force' } }, { go: [], verdict: 'LooksEmpty' }],
  [
    'force is not kept back by what a budget said before',
    [aPod('a')],
    { deadline: now, rule: force, ...answer('a', refused) },
    { act: 'Delete', go: ['a'], blocked: [] },
  ],
  ['force asks first what nobody has asked yet', [aPod('a')], { deadline: now, rule: force }, { act: 'Evict', go: ['a'] }],
  [
    'force asks again where the server was overloaded, or its answer got lost',
    [aPod('a')],
    { deadline: now, rule: force, ...answer('a', { ...refused, refused: false, due: true }) },
    { act: 'Evict', go: ['a'] },
  ],
  [
    'force asks first and deletes afterwards',
    [aPod('a'), aPod('b'), job],
    { deadline: now, rule: force, ...answer('a', refused) },
    { act: 'Evict', go: ['b'], blocked: [] },
  ],
  [
    'force goes on deleting where the answer to a deletion got lost',
    [aPod('a')],
    { deadline: now, rule: force, ...answer('a', { ...refused, act: 'Delete', refused: false, due: true }) },
    { act: 'Delete', go: ['a'] },
  ],
  [
    'without the right to delete, force evicts again what a budget may allow by now',
    [aPod('a')],
    { deadline: now, rule: force, ...answer('a', { ...refused, act: 'Delete', due: true }) },
    { act: 'Evict', go: ['a'], blocked: ['DisruptionBudget: PodDisruptionBudget team/web'] },
  ],
  [
    'without the right to delete, force asks nothing before its time',
    [aPod('a')],
    { deadline: now, rule: force, ...answer('a', { ...refused, act: 'Delete' }) },
    { go: [], left: 1 },
  ],
  ['force evicts nothing that a rule holds', [job], { deadline: now, rule: force }, { act: 'Delete', go: ['step'] }],
  [
    'force does not hurry a pod that is leaving',
    [aPod('a', { graceEndsAt: later(500) })],
    { deadline: now, rule: { onTimeout: 'Force' } },
    { go: [], left: 1 },
  ],
  [
    'force shortens a grace period that is longer than the rule allows',
    [aPod('a', { graceEndsAt: later(500), gracePeriodSeconds: 3600 })],
    { deadline: now, rule: { onTimeout: 'Force', gracePeriodSeconds: 30 } },
    { act: 'Delete', go: ['a'] },
  ],
  [
    'force shortens a grace period once',
    [aPod('a', { graceEndsAt: later(30), gracePeriodSeconds: 3600 })],
    { deadline: now, rule: { onTimeout: 'Force', gracePeriodSeconds: 30 } },
    { go: [], left: 1 },
  ],
]
test.each(cases)('%s', (_, pods, input, expected) => {
  expect(plan(pods, input)).toMatchObject(expected)
})

const graces: readonly (readonly [string, number | undefined, number | undefined, number])[] = [
  ['the pod’s own', 60, undefined, 60],
  ['the rule’s where it is shorter', 60, 10, 10],
  ['never longer than the pod’s own', 5, 10, 5],
  ['never 0', 0, undefined, 1],
]
test.each(graces)('a forced deletion has a grace period: %s', (_, pod, rule, expected) => {
  expect(forcedGraceSeconds(aPod('a', { gracePeriodSeconds: pod }), { ...defaultDrainRules, gracePeriodSeconds: rule })).toBe(expected)
})
