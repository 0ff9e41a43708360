import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import { resources } from '../kube/resource.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { type EventText, KubeEventRecorder } from './events.ts'
import { TestKube } from './test-kube.ts'

const widgets = { group: 'example.io', version: 'v1', plural: 'widgets', kind: 'Widget', namespaced: true }
const object = { metadata: { name: 'a', namespace: 'ns', uid: 'uid-a', resourceVersion: '1' } }
const launched: EventText = { type: 'Normal', reason: 'Launched', action: 'Launch', note: 'two instances' }

function setUp() {
  const kube = new TestKube()
  const clock = new FakeClock()
  const metrics = createMetrics()
  const stop = new AbortController()
  const recorder = new KubeEventRecorder({
    client: kube.client,
    reportingController: 'tidegate.io/operator',
    reportingInstance: 'pod-1',
    clock,
    random: seededRandom(1),
    log: createLogger({ level: 'silent' }),
    metrics,
    signal: stop.signal,
  })
  const stored = () => [...kube.objects.values()] as unknown as Record<string, unknown>[]
  return { kube, clock, metrics, stop, recorder, stored }
}

describe('KubeEventRecorder', () => {
  test('stores who, what and about what, in the namespace of the object', async () => {
    const { recorder, stored } = setUp()
    recorder.record(widgets, object, launched)
    await recorder.flushed()
    expect(stored()).toHaveLength(1)
    expect(stored()[0]).toMatchObject({
      metadata: { namespace: 'ns' },
      reportingController: 'tidegate.io/operator',
      reportingInstance: 'pod-1',
      eventTime: '2026-11-21T06:00:00.000000Z',
      regarding: { apiVersion: 'example.io/v1', kind: 'Widget', name: 'a', namespace: 'ns', uid: 'uid-a' },
      ...launched,
    })
  })

  test('an event about a cluster-scoped object lies in default', async () => {
    const { recorder, stored } = setUp()
    recorder.record(resources.nodes, { metadata: { name: 'node-1', uid: 'u', resourceVersion: '1' } }, launched)
    await recorder.flushed()
    expect(stored()[0]).toMatchObject({ metadata: { namespace: 'default' }, regarding: { kind: 'Node', name: 'node-1' } })
  })

  test('the same event again is one series, stored the second time and then every 6 min', async () => {
    const { recorder, stored, clock, kube } = setUp()
    for (let minute = 0; minute < 10; minute += 1) {
      recorder.record(widgets, object, launched)
      await recorder.flushed()
      await clock.advance(60_000)
    }
    expect(stored()).toHaveLength(1)
    expect(stored()[0]).toMatchObject({ series: { count: 8, lastObservedTime: '2026-11-21T06:07:00.000000Z' } })
    expect(kube.writes).toHaveLength(3)
  })

  test('after 6 min of silence the same event is a new one', async () => {
    const { recorder, stored, clock } = setUp()
    recorder.record(widgets, object, launched)
    await clock.advance(361_000)
    recorder.record(widgets, object, launched)
    await recorder.flushed()
    expect(stored()).toHaveLength(2)
  })

  test('an object cannot flood with ever new words, and others are not affected', async () => {
    const { recorder, stored, metrics, clock } = setUp()
    for (let index = 0; index < 200; index += 1) recorder.record(widgets, object, { ...launched, note: `request ${index}` })
    recorder.record(widgets, { metadata: { ...object.metadata, uid: 'uid-b' } }, launched)
    await recorder.flushed()
    expect(stored()).toHaveLength(26)
    expect(await metrics.registry.metrics()).toContain('tidegate_events_total{result="dropped"} 175')
    await clock.advance(300_000)
    recorder.record(widgets, object, { ...launched, note: 'one more' })
    recorder.record(widgets, object, { ...launched, note: 'and not two' })
    await recorder.flushed()
    expect(stored()).toHaveLength(27)
  })

  test('a long note is cut to 1 KiB without half a character', async () => {
    const { recorder, stored } = setUp()
    recorder.record(widgets, object, { ...launched, note: '€'.repeat(1000) })
    await recorder.flushed()
    const note = String(stored()[0]?.['note'])
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024)
    expect(note).toMatch(/^€{300,}…$/)
  })

  test('one that cannot be stored is counted, and the next one is stored', async () => {
    const { recorder, stored, kube, metrics } = setUp()
    kube.intercept = () => {
      throw new KubeError(403, 'Forbidden', 'no')
    }
    recorder.record(widgets, object, launched)
    await recorder.flushed()
    kube.intercept = () => undefined
    recorder.record(widgets, object, { ...launched, reason: 'Other' })
    await recorder.flushed()
    expect(stored()).toHaveLength(1)
    expect(await metrics.registry.metrics()).toContain('tidegate_events_total{result="failed"} 1')
  })

  test('record never waits for the API server, and what piles up is bounded', async () => {
    const { recorder, kube, stop, metrics } = setUp()
    kube.intercept = async ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    for (let index = 0; index < 2000; index += 1) recorder.record(widgets, { metadata: { ...object.metadata, uid: `uid-${index}` } }, launched)
    stop.abort(new Error('stop'))
    await recorder.flushed()
    expect(await metrics.registry.metrics()).toContain('tidegate_events_total{result="dropped"} 1499')
  })
})
