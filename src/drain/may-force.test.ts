import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { MayForce } from './may-force.ts'

const context = { signal: new AbortController().signal }

/** An API server that answers `next`, or fails with it; counts how often it is asked. */
function start(next: boolean | Error) {
  const clock = new FakeClock()
  const api = { next, asked: 0 }
  const mayDeletePods = async (): Promise<boolean> => {
    api.asked += 1
    if (api.next instanceof Error) throw api.next
    return api.next
  }
  return { clock, api, mayForce: new MayForce({ mayDeletePods }, clock) }
}

test('whether force may delete is asked once for all nodes, and again after a while; who may not ask may not', async () => {
  const { clock, api, mayForce } = start(false)
  expect([await mayForce.ask(context), await mayForce.ask(context), api.asked]).toEqual([false, false, 1])
  api.next = true
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(true)
  api.next = new KubeError(403, 'Forbidden', 'no')
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
})

test('an API server that fails has said nothing: its last answer stands, and it is left alone for a while', async () => {
  const { clock, api, mayForce } = start(new KubeError(500, 'InternalError', 'etcd'))
  expect([await mayForce.ask(context), await mayForce.ask(context), api.asked]).toEqual([undefined, undefined, 1])
  api.next = false
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
  api.next = new KubeError(429, 'TooManyRequests', 'later')
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
  api.next = new Error('the pass was interrupted')
  await clock.advance(11_000)
  await expect(mayForce.ask(context)).rejects.toThrow('interrupted')
})
