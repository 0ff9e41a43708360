import { expect, test } from 'vitest'
import type { KubeClient } from '../../kube/client.ts'
import { KubeError } from '../../kube/kube-error.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { createLogger } from '../../observability/logger.ts'
import { ClusterAutoscaler } from './cluster-autoscaler.ts'

const fault = new KubeError(500, 'InternalError', 'etcdserver: request timed out')
const forbidden = new KubeError(403, 'Forbidden', 'configmaps "cluster-autoscaler-status" is forbidden')
const absent = new KubeError(404, 'NotFound', 'not found')

/** A target whose ConfigMap lists `mine`, or whose API server answers `error`; counts the reads. */
function start() {
  const clock = new FakeClock()
  const api: { reads: number; error: KubeError | undefined } = { reads: 0, error: undefined }
  const get = async () => {
    api.reads += 1
    if (api.error !== undefined) throw api.error
    const time = clock.now().toISOString().replace('T', ' ').replace('Z', ' +0000 UTC')
    return {
      metadata: { name: 'cluster-autoscaler-status', annotations: { 'cluster-autoscaler.kubernetes.io/last-updated': time } },
      data: { status: 'autoscalerStatus: Running\nnodeGroups:\n- name: mine\n' },
    }
  }
  const options = { client: { get } as unknown as KubeClient, signal: new AbortController().signal, clock, log: createLogger({ level: 'silent' }) }
  return { clock, api, autoscaler: new ClusterAutoscaler(options) }
}

/** As `start`, when the two minutes of the first read are over and the API server answers `error`. */
async function startThen(error: KubeError) {
  const started = start()
  await started.autoscaler.moves('mine')
  started.api.error = error
  await started.clock.advance(120_000)
  return started
}

test('B3: all groups of a target share one read for two minutes', async () => {
  const { clock, api, autoscaler } = start()
  expect(await Promise.all([autoscaler.moves('mine'), autoscaler.moves('another')])).toEqual([true, false])
  await clock.advance(119_000)
  await autoscaler.moves('mine')
  expect(api.reads).toBe(1)
  await clock.advance(1_000)
  await autoscaler.moves('mine')
  expect(api.reads).toBe(2)
})

test('B3: a failed read is not the answer that there is no autoscaler: the last answer stands, and it is read again soon', async () => {
  const { clock, api, autoscaler } = await startThen(fault)
  expect(await autoscaler.moves('mine')).toBe(true)
  await clock.advance(9_000)
  expect(await autoscaler.moves('mine')).toBe(true)
  expect(api.reads).toBe(2)
  api.error = absent
  await clock.advance(1_000)
  expect(await autoscaler.moves('mine')).toBe(false)
  expect(api.reads).toBe(3)
})

test('B3: without an answer, or with one from ten minutes ago, nothing is known', async () => {
  const { clock, api, autoscaler } = start()
  api.error = fault
  await expect(autoscaler.moves('mine')).rejects.toBe(fault)
  api.error = undefined
  await clock.advance(10_000)
  expect(await autoscaler.moves('mine')).toBe(true)
  api.error = fault
  await clock.advance(599_000)
  expect(await autoscaler.moves('mine')).toBe(true)
  await clock.advance(10_000)
  await expect(autoscaler.moves('mine')).rejects.toBe(fault)
})

test.each([
  ['there is none', absent],
  ['the rights to look are missing', forbidden],
])('B3: nobody moves the number where %s, for two minutes', async (_, error) => {
  const { clock, api, autoscaler } = await startThen(error)
  expect(await autoscaler.moves('mine')).toBe(false)
  await clock.advance(119_000)
  expect(await autoscaler.moves('mine')).toBe(false)
  expect(api.reads).toBe(2)
})
