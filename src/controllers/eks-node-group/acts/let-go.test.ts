import { expect, test } from 'vitest'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { OnceTokens } from '../removals/once.ts'
import type { Removal } from '../removals/removal.ts'
import { letGo } from './let-go.ts'

const node: Node = {
  metadata: { name: 'n1', uid: 'node-1', resourceVersion: '1' },
  spec: { providerID: 'aws:///us-west-2a/i-1' },
  status: { conditions: [{ type: 'Ready', status: 'False' }] },
}
const empty: Removal = { nodeUID: 'node-1', nodeName: 'n1', instanceId: 'i-1', state: 'Removing', message: '' }

const leaving = ['i-1', 'i-2'].map((instanceId) => Object.assign({}, empty, { instanceId, call: { token: 't', at: '2026-11-21T05:00:00Z' } }))
const none = { group: aGroup(), scalingGroup: aScalingGroup({ desiredCapacity: 0 }) }
const nodeNamed = (instanceId: string): Node => ({ ...node, metadata: { ...node.metadata, name: `node-${instanceId}` } })

/** A pass over both, in which the API server does `answer` for each Node. */
function passWhere(answer: (name: string) => void): ReturnType<typeof aPass> {
  const outOfService = async ({ name }: { readonly name: string }) => {
    answer(name)
    return await Promise.resolve({ kind: 'done', node, changed: true } as const)
  }
  return aPass({ ...none, status: { removals: leaving }, nodes: { byInstance: nodeNamed }, drain: { outOfService } })
}

test('P8: a Node that the API server refuses to change holds no other back, and says so', async () => {
  const asked: string[] = []
  const pass = passWhere((name) => {
    asked.push(name)
    if (name === 'node-i-1') throw new KubeError(403, 'Forbidden', 'webhook says no')
  })
  expect(await letGo(pass)).toBeUndefined()
  expect(asked).toEqual(['node-i-1', 'node-i-2'])
  expect(pass.draft.status.removals?.map(({ message }) => message)).toEqual([expect.stringContaining('webhook says no'), ''])
  expect(pass.draft.conditions.get('InSync')).toMatchObject({ reason: 'DrainBlocked', message: expect.stringContaining('webhook says no') })
  expect(pass.agenda.sooner({ kind: 'awaitChange' })).toEqual({ kind: 'requeueAfter', ms: 15_000 })
})

const refuse = (time: string) => () => {
  throw new KubeError(403, 'Forbidden', `webhook says no at ${time}`)
}

test('P7: a refusal that holds a time is told in the words that are stored', async () => {
  const first = passWhere(refuse('06:00'))
  await letGo(first)
  const said = first.draft.status.removals ?? []
  const again = passWhere(refuse('06:01'))
  const { draft } = again
  await letGo({ ...again, draft: { ...draft, object: { ...draft.object, status: { removals: said } } } })
  expect(again.draft.status.removals).toEqual(said)
})

test('an API server that does not answer ends the pass', async () => {
  const down = passWhere(() => {
    throw new KubeError(0, 'NoAnswer', 'no answer')
  })
  await expect(letGo(down)).rejects.toThrow('no answer')
})

test.each([
  ['was handed over empty', { call: { token: 't', at: '2026-11-21T05:00:00Z' } }, ['n1']],
  ['was taken out of the Auto Scaling group by somebody, and runs on', {}, []],
  ['was taken out of it before AWS was asked', { call: { token: 'unsent', at: '2026-11-21T05:00:00Z' } }, []],
])('the volumes of a machine that %s', async (_, more, told) => {
  const released: string[] = []
  const pass = aPass({
    group: aGroup(),
    scalingGroup: aScalingGroup({ desiredCapacity: 0 }),
    status: { removals: [{ ...empty, ...more }] },
    nodes: { byInstance: () => node },
    drain: {
      outOfService: async ({ name }) => {
        released.push(name)
        return { kind: 'done', node, changed: true }
      },
    },
  })
  const once = new OnceTokens({ id: () => 'unsent' })
  once.make()
  await letGo({ ...pass, once })
  expect(released).toEqual(told)
})
