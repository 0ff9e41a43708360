import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { aPod } from '../scaling/drain/test-pod.ts'
import { outcomeOf } from './answers.ts'

const budgetCause = { reason: 'DisruptionBudget', message: 'The disruption budget web needs 3 healthy pods and has 3 currently' }
const several = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
const of = (status: number, reason: string, message = 'no', ...causes: readonly object[]): KubeError =>
  new KubeError(status, reason, message, { details: { causes } })
const page = (status: number, reason: string): KubeError => new KubeError(status, reason, `the API server answered ${status}`, { isPage: true })
const notFound = (kind: string, name: string, by = ''): KubeError =>
  new KubeError(404, 'NotFound', `${by}${kind} "${name}" not found`, { details: { name, kind } })
const notEvicted = 'pod team/a was not evicted, which is tried again; mend what is said'

const cases: readonly (readonly [string, KubeError, object])[] = [
  ['the pod is gone', notFound('pods', 'a'), { kind: 'Gone' }],
  [
    'its budget was deleted while the server asked it: the pod is still there',
    notFound('poddisruptionbudgets', 'web'),
    { kind: 'Held', result: 'refused', firstRetryMs: 1000, blocker: { message: `${notEvicted}: poddisruptionbudgets "web" not found` } },
  ],
  ['another pod is gone, which somebody on the way asked for', notFound('pods', 'b'), { kind: 'Held', result: 'refused' }],
  ['a webhook refuses as if there were nothing', notFound('pods', 'a', 'admission webhook "a.b" denied the request: '), { kind: 'Held', result: 'refused' }],
  [
    'somebody on the way knows no such page',
    page(404, 'NotFound'),
    { kind: 'Held', result: 'unjudged', blocker: { message: `${notEvicted}: the API server answered 404 NotFound (team/a)` } },
  ],
  ['a proxy reaches no API server', page(502, 'Unknown'), { kind: 'Held', result: 'unjudged' }],
  ['a proxy does not let us pass', page(403, 'Forbidden'), { kind: 'Held', result: 'unjudged' }],
  ['our token is not taken', of(401, 'Unauthorized', 'Unauthorized'), { kind: 'Held', result: 'unjudged', blocker: { reason: 'EvictionRefused' } }],
  [
    'we may not evict: no budget was asked',
    of(403, 'Forbidden', 'pods "a" is forbidden: User "tidegate" cannot create resource "pods/eviction" in API group "" in the namespace "team"'),
    { result: 'unjudged', firstRetryMs: 20_000, blocker: { message: expect.stringContaining('cannot create resource "pods/eviction"') } },
  ],
  ['its name belongs to another: nobody has to know', of(409, 'Conflict'), { kind: 'Held', result: 'replaced', blocker: undefined }],
  [
    'a budget says no',
    of(429, 'TooManyRequests', 'Cannot evict', budgetCause),
    { result: 'budget', budget: 'team/web', blocker: { by: 'PodDisruptionBudget team/web' } },
  ],
  ['the API server has too much to do', of(429, 'TooManyRequests'), { result: 'unjudged', blocker: { reason: 'EvictionRefused' } }],
  ['a webhook refuses in the words of load', of(429, 'TooManyRequests', 'admission webhook "a.b" denied the request: later'), { result: 'refused' }],
  ['several budgets', of(500, 'InternalError', several), { result: 'severalBudgets', blocker: { reason: 'SeveralDisruptionBudgets' } }],
  ['the namespace goes', of(403, 'Forbidden', 'no', { reason: 'NamespaceTerminating' }), { result: 'namespaceTerminating', blocker: { by: 'Namespace team' } }],
  [
    'something refuses it as forbidden',
    of(403, 'Forbidden', 'pods "a" is forbidden'),
    { result: 'forbidden', blocker: { message: 'pod team/a was not evicted, which is tried again; mend what is said: pods "a" is forbidden' } },
  ],
  [
    'a webhook refuses',
    of(400, 'BadRequest', 'not today'),
    { result: 'refused', blocker: { message: 'pod team/a was not evicted, which is tried again; mend what is said: not today' } },
  ],
  ['the budget changed under the server’s hands', of(504, 'Timeout'), { result: 'unjudged' }],
  [
    'a webhook refuses as if the name were another’s',
    of(409, 'Conflict', 'admission webhook "a.b" denied the request: later'),
    { result: 'refused', blocker: { message: `${notEvicted}: admission webhook "a.b" denied the request: later` } },
  ],
  [
    'nobody judged it: etcd has no leader',
    of(500, 'InternalError', 'etcdserver: leader changed'),
    { result: 'unjudged', blocker: { message: `${notEvicted}: etcdserver: leader changed` } },
  ],
  [
    'nobody judged it: a webhook does not answer',
    of(500, 'InternalError', 'Internal error occurred: failed calling webhook "a.b": connection refused'),
    { result: 'unjudged', blocker: { reason: 'EvictionRefused' } },
  ],
  [
    'a policy refuses, with the status that it chose',
    of(401, 'Unauthorized', `pods "a" is forbidden: ValidatingAdmissionPolicy 'keep' with binding 'all' denied request: not today`),
    { result: 'refused', blocker: { message: expect.stringContaining('denied request: not today') } },
  ],
  [
    'a webhook tells what another one may not',
    of(403, 'Forbidden', 'admission webhook "a.b" denied the request: User "x" cannot create resource "pods/eviction"'),
    { result: 'forbidden' },
  ],
  ['no answer came: it may have happened', of(0, 'NoAnswer'), { result: 'noAnswer', blocker: undefined }],
]
test.each(cases)('%s', (_, error, expected) => {
  expect(outcomeOf(error, aPod('a'), 'Evict')).toMatchObject(expected)
})

test('what is not the API server’s ends the pass', () => {
  expect(outcomeOf(new Error('we do not lead'), aPod('a'), 'Evict')).toBeUndefined()
})

test('a deletion that we may not make names the role that is missing', () => {
  const missing = 'pods "a" is forbidden: User "tidegate" cannot delete resource "pods" in API group "" in the namespace "team"'
  expect(outcomeOf(of(403, 'Forbidden', missing), aPod('a'), 'Delete')).toMatchObject({
    blocker: { reason: 'ForceNotPermitted', by: 'ClusterRole tidegate-force-drain' },
  })
})

test('a deletion that a webhook or a policy refuses is mended by no role', () => {
  const denied = 'admission webhook "a.b" denied the request: keep it'
  expect(outcomeOf(of(403, 'Forbidden', denied), aPod('a'), 'Delete')).toMatchObject({
    result: 'forbidden',
    blocker: { reason: 'EvictionRefused', message: `${notEvicted}: ${denied}` },
  })
})

test('the server’s own wish is the least that we wait', () => {
  const error = new KubeError(429, 'TooManyRequests', 'still being processed', { details: { causes: [budgetCause] }, retryAfterMs: 10_000 })
  expect(outcomeOf(error, aPod('a'), 'Evict')).toMatchObject({ firstRetryMs: 10_000 })
})

test.each([400, 403, 404, 409, 429, 500, 504])(
  'of what a webhook says without end, with %i, as much is kept as a person reads, in whole characters',
  (status) => {
    for (const filler of ['', 'x']) {
      const words = `admission webhook "a.b" denied the request: ${filler}${'😀'.repeat(60_000)}`
      const outcome = outcomeOf(of(status, 'Webhook', words), aPod('a'), 'Evict')
      const { message = '' } = outcome?.kind === 'Held' ? (outcome.blocker ?? {}) : {}
      expect(message.length).toBeGreaterThan(1000)
      expect(message.length).toBeLessThan(1200)
      expect(message).not.toMatch(/\p{Surrogate}/u)
    }
  },
)

test('what is longer than a name is the name of no budget', () => {
  const cause = { reason: 'DisruptionBudget', message: `The disruption budget ${'a'.repeat(100_000)} needs 1 healthy pods` }
  expect(outcomeOf(of(429, 'TooManyRequests', 'Cannot evict', cause), aPod('a'), 'Evict')).toMatchObject({ budget: 'team/?' })
})
