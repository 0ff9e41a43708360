import { expect, test } from 'vitest'
import type { Condition, CustomObject } from '../../kube/objects.ts'
import { commandApart, inWords } from './in-words.ts'

function object(conditions: readonly Partial<Condition>[], deletionTimestamp?: string): CustomObject {
  return {
    metadata: { name: 'workers', uid: 'u', resourceVersion: '1', ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: {},
    status: { conditions: conditions.map((one) => ({ status: 'True', reason: '', message: '', lastTransitionTime: '', type: '', ...one })) },
  }
}

const ready = { type: 'Ready', reason: 'Ready' }
const notReady = { type: 'Ready', status: 'False', reason: 'Creating', message: 'Provisioned: node group workers is Creating in EKS' } as const
const creating = { type: 'Reconciling', reason: 'Creating', message: 'node group workers is Creating in EKS' }
const stalled = { type: 'Stalled', reason: 'SubnetNotFound', message: 'subnet-1 is not there' }
const waiting = { type: 'Reconciling', reason: 'WaitingForConfirmation', message: '4 nodes would go' }

const cases: Readonly<Record<string, readonly [CustomObject, string | undefined]>> = {
  'an object that nobody has looked at is not spoken of': [object([]), undefined],
  'a Ready one is Ready': [object([ready]), 'Ready'],
  'one that is worked on says at what': [object([notReady, creating]), 'Creating: node group workers is Creating in EKS'],
  'one that is stuck says so, also while something goes on': [object([notReady, creating, stalled]), 'Stalled, SubnetNotFound: subnet-1 is not there'],
  'one that is neither says why it is not Ready': [object([notReady]), 'Creating: Provisioned: node group workers is Creating in EKS'],
  'a deletion is told even of a Ready object, with what it waits for': [
    object([ready, waiting], 'now'),
    'being deleted, WaitingForConfirmation: 4 nodes would go',
  ],
  'a deletion that waits for nothing': [object([ready], 'now'), 'being deleted'],
}

test.each(Object.entries(cases))('%s', (_, [given, words]) => {
  expect(inWords(given)).toBe(words)
})

test('a command in a message stands on its own line, the rest below it', () => {
  expect(commandApart('2 nodes would go. To confirm: kubectl annotate x y=z; to keep them, do this')).toBe(
    '2 nodes would go. To confirm:\n\n  kubectl annotate x y=z\n\nto keep them, do this',
  )
  expect(commandApart('Ready')).toBe('Ready')
})
