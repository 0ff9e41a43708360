import { describe, expect, it } from 'vitest'
import type { Node } from '../../kube/objects.ts'
import type { Instance, NodeTrouble } from '../state.ts'
import { testGroup } from '../test-group.ts'
import { troubleChanges } from './trouble.ts'

const since = new Date(Date.UTC(2026, 10, 21))
const silent: NodeTrouble = { condition: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'm', since }
const hardware: NodeTrouble = { condition: 'AcceleratedHardwareReady', status: 'False', reason: 'r', message: 'm', since }

function node(holder: string, conditions: readonly { readonly type: string; readonly status: string }[] | undefined): Node {
  return {
    metadata: { name: 'n', uid: 'u', resourceVersion: '1', annotations: { 'kwok.x-k8s.io/node': holder } },
    spec: {},
    ...(conditions === undefined ? {} : { status: { conditions } }),
  }
}

const ready = { type: 'Ready', status: 'True' }
const handOver = (value: string): object => ({ op: 'replace', path: '/metadata/annotations/kwok.x-k8s.io~1node', value })
const condition = (trouble: NodeTrouble): object => ({
  type: trouble.condition,
  status: trouble.status,
  reason: trouble.reason,
  message: 'm',
  lastTransitionTime: '2026-11-21T00:00:00Z',
})

const cases: Readonly<Record<string, readonly [node: Node, trouble: NodeTrouble | undefined, last: readonly object[]]>> = {
  'a sound machine needs nothing': [node('fake', [ready]), undefined, []],
  'a silent kubelet loses kwok and readiness': [
    node('fake', [ready]),
    silent,
    [handOver('broken'), { op: 'replace', path: '/status/conditions/0', value: condition(silent) }],
  ],
  'what is shown already is not written again': [node('broken', [{ type: 'Ready', status: 'Unknown' }]), silent, []],
  'a mended kubelet is kwok’s again, which makes it Ready': [
    node('broken', [{ type: 'Ready', status: 'Unknown' }]),
    { ...silent, status: 'True' },
    [handOver('fake')],
  ],
  'a monitored condition is added beside the others, and kwok stays': [
    node('fake', [ready]),
    hardware,
    [{ op: 'add', path: '/status/conditions/-', value: condition(hardware) }],
  ],
  'the first condition of all is a list': [node('fake', undefined), hardware, [{ op: 'add', path: '/status/conditions', value: [condition(hardware)] }]],
  'a mended condition becomes True': [
    node('fake', [ready, { type: 'AcceleratedHardwareReady', status: 'False' }]),
    { ...hardware, status: 'True' },
    [{ op: 'replace', path: '/status/conditions/1', value: condition({ ...hardware, status: 'True' }) }],
  ],
}

describe('troubleChanges', () => {
  const instance = testGroup(1).members()[0] as Instance
  it.each(Object.entries(cases))('%s', (_sentence, [before, trouble, last]) => {
    expect(troubleChanges(before, { ...instance, trouble }).map(({ operations }) => operations.at(-1))).toEqual(last)
  })
})
