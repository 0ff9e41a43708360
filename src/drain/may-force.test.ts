import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { FakeClock } from '../lib/fake-clock.ts'
import { MayForce } from './may-force.ts'

const context = { signal: new AbortController().signal }

test('whether force may delete is asked once for all nodes, and again after a while; who may not ask may not', async () => {
  const clock = new FakeClock()
  let answer: boolean | KubeError = false
  let asked = 0
  const mayDeletePods = async (): Promise<boolean> => {
    asked += 1
    if (answer instanceof KubeError) throw answer
    return answer
  }
  const mayForce = new MayForce({ mayDeletePods }, clock)
  expect([await mayForce.ask(context), await mayForce.ask(context), asked]).toEqual([false, false, 1])
  answer = true
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(true)
  answer = new KubeError(403, 'Forbidden', 'no')
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
})

test('an API server that fails has said nothing: its last answer stands, and it is left alone for a while', async () => {
  const clock = new FakeClock()
  let next: boolean | Error = new KubeError(500, 'InternalError', 'etcd')
  let asked = 0
  const mayDeletePods = async (): Promise<boolean> => {
    asked += 1
    if (next instanceof Error) throw next
    return next
  }
  const mayForce = new MayForce({ mayDeletePods }, clock)
  expect([await mayForce.ask(context), await mayForce.ask(context), asked]).toEqual([undefined, undefined, 1])
  next = false
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
  next = new KubeError(429, 'TooManyRequests', 'later')
  await clock.advance(11_000)
  expect(await mayForce.ask(context)).toBe(false)
  next = new Error('the pass was interrupted')
  await clock.advance(11_000)
  await expect(mayForce.ask(context)).rejects.toThrow('interrupted')
})
