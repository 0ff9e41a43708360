import { expect, test } from 'vitest'
import { approvalOf, inheritedApproval } from './approval.ts'
import { type UpdateDecision, type UpdateQuestion, decideUpdate } from './decide.ts'

const plan = { change: { version: '1.36' }, inWords: 'version 1.35 → 1.36', from: '', to: '', hash: 'h1' }
const approve = (value: string): Readonly<Record<string, string>> => ({ 'tidegate.io/approve-update': value })
const failed = { hash: 'h1', state: 'Failed', message: 'PodEvictionFailure: no', generation: 5 } as const

type Asked = Partial<UpdateQuestion> & { readonly annotations?: Readonly<Record<string, string>> }

function decide({ annotations = {}, ...changed }: Asked = {}): UpdateDecision {
  const metadata = { name: 'workers', namespace: 'training', uid: 'u', resourceVersion: '1', generation: 5, annotations }
  const question: UpdateQuestion = {
    metadata,
    plan,
    before: undefined,
    mode: 'Manual',
    hasGpus: false,
    inTheWay: { hard: undefined, soft: undefined },
    opens: undefined,
    noPlace: undefined,
  }
  return decideUpdate({ ...question, ...changed })
}

function ask(asked: Asked = {}): string {
  const decision = decide(asked)
  return decision.kind === 'wait' ? decision.reason : decision.kind
}

const cases: Record<string, [Parameters<typeof ask>[0], string]> = {
  'nothing is wanted': [{ plan: undefined }, 'current'],
  'nobody has agreed': [{}, 'WaitingForApproval'],
  'somebody has agreed to this generation': [{ annotations: approve('5') }, 'go'],
  'to an older one': [{ annotations: approve('4') }, 'WaitingForApproval'],
  'to what cannot be read': [{ annotations: approve('yes') }, 'WaitingForApproval'],
  'nobody has to agree': [{ mode: 'Automatic' }, 'go'],
  'nobody has to agree, but there are GPUs': [{ mode: 'Automatic', hasGpus: true }, 'WaitingForApproval'],
  'GPUs, and somebody has agreed': [{ mode: 'Automatic', hasGpus: true, annotations: approve('5') }, 'go'],
  'outside every window, whoever agreed': [{ annotations: approve('5'), opens: 'at 22:00' }, 'WaitingForWindow'],
  'without consent it is not the window that is missing': [{ opens: 'at 22:00' }, 'WaitingForApproval'],
  'nodes leave, whoever agreed': [{ annotations: approve('5'), inTheWay: { hard: '2 nodes leave', soft: undefined } }, 'UpdateHeldBack'],
  'by itself it is not begun while nodes are not Ready': [{ mode: 'Automatic', inTheWay: { hard: undefined, soft: 'n1' } }, 'UpdateHeldBack'],
  'a person may begin it all the same': [{ annotations: approve('5'), inTheWay: { hard: undefined, soft: 'n1' } }, 'go'],
  'no place of the budget, whoever agreed': [{ annotations: approve('5'), noPlace: 'as many as may' }, 'UpdateHeldBack'],
  'without consent it is not a place that is missing': [{ noPlace: 'as many as may' }, 'WaitingForApproval'],
  'a failed one is not begun again by itself': [{ mode: 'Automatic', before: failed }, 'UpdateFailed'],
  'nor by the consent that it had': [{ annotations: approve('5'), before: failed }, 'UpdateFailed'],
  'a new retry begins it again': [{ annotations: { ...approve('5'), 'tidegate.io/retry': '1' }, before: failed }, 'go'],
  'the retry that was acted on does not': [
    { annotations: { ...approve('5'), 'tidegate.io/retry': '1' }, before: { ...failed, retryToken: '1' } },
    'UpdateFailed',
  ],
  'a retry needs consent to this generation': [{ annotations: { ...approve('4'), 'tidegate.io/retry': '1' }, before: failed }, 'WaitingForApproval'],
  'a consent given since begins it again': [{ annotations: approve('5'), before: { ...failed, generation: 4 } }, 'go'],
  'a generation without consent does not': [{ mode: 'Automatic', before: { ...failed, generation: 4 } }, 'UpdateFailed'],
  'another template, whoever agreed': [{ annotations: approve('5'), plan: { ...plan, barred: 'another' } }, 'UpdateBarred'],
  'nobody is asked to agree to what cannot be done': [{ plan: { ...plan, barred: 'another' } }, 'UpdateBarred'],
  'nor is what cannot be done begun where nobody has to': [{ mode: 'Automatic', plan: { ...plan, barred: 'another' } }, 'UpdateBarred'],
  'another wish forgets the failure': [{ mode: 'Automatic', before: { ...failed, hash: 'h0' } }, 'go'],
}
test.each(Object.entries(cases))('B7: %s', (_, [question, decision]) => {
  expect(ask(question)).toBe(decision)
})

test('P8: who waits for consent or after a failure is told the whole line', () => {
  const metadata = { name: 'workers', namespace: 'training', uid: 'u', resourceVersion: '1', generation: 5, annotations: approve('yes') }
  const question: UpdateQuestion = {
    metadata,
    plan,
    before: undefined,
    mode: 'Manual',
    hasGpus: false,
    inTheWay: { hard: undefined, soft: undefined },
    opens: undefined,
    noPlace: undefined,
  }
  expect(decideUpdate(question)).toMatchObject({
    message: expect.stringMatching(
      /cannot be stopped once started.*the value "yes" of tidegate.io\/approve-update is not a generation.*kubectl annotate eksnodegroup workers -n training --overwrite tidegate.io\/approve-update=5$/,
    ),
  })
  expect(decideUpdate({ ...question, before: failed })).toMatchObject({ message: expect.stringMatching(/PodEvictionFailure.*tidegate.io\/retry=/) })
})

const stale = (value: string): string => `tidegate.io/approve-update approves generation ${value}, and the object is at 5`
const unclear: Record<string, [Asked, string | undefined]> = {
  'who waits for consent': [{ annotations: approve('4') }, stale('4')],
  'who waits for consent, of one that the object came with': [
    { annotations: approve('5'), inherited: '5' },
    'tidegate.io/approve-update was on the object from its beginning and approves nothing: remove it, then set it',
  ],
  'who waits until nodes are Ready, which a consent would skip': [
    { mode: 'Automatic', annotations: approve('4'), inTheWay: { hard: undefined, soft: 'n1' } },
    stale('4'),
  ],
  'what a consent to the object as it is would begin again': [{ annotations: approve('6'), before: { ...failed, generation: 4 } }, stale('6')],
  'what failed with this very consent': [{ annotations: approve('4'), before: { ...failed, generation: 4 } }, undefined],
  'what no consent would change: nodes leave': [{ mode: 'Automatic', annotations: approve('4'), inTheWay: { hard: '2 nodes leave', soft: 'n1' } }, undefined],
  'what no consent would change: another template': [{ annotations: approve('4'), plan: { ...plan, barred: 'another' } }, undefined],
  'what no consent would change: no window is open': [{ mode: 'Automatic', annotations: approve('4'), opens: 'at 22:00' }, undefined],
  'what cannot be read, which is told wherever it stands': [{ annotations: approve('yes') }, undefined],
}
test.each(Object.entries(unclear))('P8: a consent to another generation is told to %s', (_, [asked, words]) => {
  const decision = decide(asked)
  const { complaint, message } = decision.kind === 'wait' ? decision : { complaint: undefined, message: '' }
  // Where the condition has said it, no second Event follows.
  expect({ complaint, isSaid: message.includes(complaint ?? '') }).toEqual({ complaint: words, isSaid: true })
})

test.each([
  ['5', true],
  ['05', false],
  ['5 ', false],
  ['-5', false],
  ['', false],
  ['6', false],
])('the value "%s" approves generation 5: %s', (value, approved) => {
  expect(approvalOf(value, 5).approved).toBe(approved)
})

test('P10: an approval that the object came with, as after a restore, approves nothing until it is given anew', () => {
  const stored = inheritedApproval('5', { isNew: true, stored: undefined })
  expect(approvalOf('5', 5, stored)).toMatchObject({ approved: false, complaint: expect.stringContaining('remove it, then set it') })
  expect(inheritedApproval('5', { isNew: false, stored })).toBe(stored)
  expect(inheritedApproval('6', { isNew: false, stored })).toBeUndefined()
  expect(inheritedApproval(undefined, { isNew: false, stored })).toBeUndefined()
  expect(approvalOf('5', 5, inheritedApproval('5', { isNew: false, stored: undefined }))).toEqual({ approved: true })
})
