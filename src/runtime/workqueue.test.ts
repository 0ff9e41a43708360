import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { createMetrics } from '../observability/metrics.ts'
import { DelayHeap } from './delay-heap.ts'
import { WorkQueue } from './workqueue.ts'

const never = new AbortController().signal

function setUp(backoff = { baseMs: 5, capMs: 1_000_000 }) {
  const clock = new FakeClock()
  const metrics = createMetrics()
  return { clock, metrics, queue: new WorkQueue({ name: 'test', clock, random: seededRandom(1), metrics, backoff }) }
}

/** What a worker that asks now would get, without waiting. */
async function takeNow(queue: WorkQueue): Promise<string | undefined> {
  const asked = new AbortController()
  const answer = queue.get(asked.signal)
  asked.abort()
  return answer
}

describe('WorkQueue', () => {
  test('hands out ready keys first in, first out, each once', async () => {
    const { queue } = setUp()
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
    expect([await takeNow(queue), await takeNow(queue), await takeNow(queue), await takeNow(queue)]).toEqual(['a', 'b', 'c', undefined])
  })

  test('a key added while it runs runs again after done, not before', async () => {
    const { queue } = setUp()
    queue.add('a')
    await takeNow(queue)
    queue.add('a')
    expect(await takeNow(queue)).toBeUndefined()
    queue.done('a')
    expect(await takeNow(queue)).toBe('a')
    queue.done('a')
    expect(await takeNow(queue)).toBeUndefined()
  })

  test('a waiting worker gets the key as soon as it is added, the longest waiting one first', async () => {
    const { queue } = setUp()
    const [first, second] = [queue.get(never), queue.get(never)]
    queue.add('a')
    queue.add('b')
    expect([await first, await second]).toEqual(['a', 'b'])
  })

  test('a worker that stops waiting takes no key away', async () => {
    const { queue } = setUp()
    expect(await takeNow(queue)).toBeUndefined()
    queue.add('a')
    expect(await takeNow(queue)).toBe('a')
  })

  test('a delayed key comes when its time has come, and the earliest of two times wins', async () => {
    const { queue, clock } = setUp()
    queue.addAfter('a', 1000)
    queue.addAfter('a', 200)
    queue.addAfter('a', 5000)
    await clock.advance(199)
    expect(await takeNow(queue)).toBeUndefined()
    await clock.advance(1)
    expect(await takeNow(queue)).toBe('a')
    queue.done('a')
    await clock.advance(10_000)
    expect(await takeNow(queue)).toBeUndefined()
  })

  test('a delay of months does not run at once (a platform timer would)', async () => {
    const { queue, clock } = setUp()
    queue.addAfter('a', 90 * 86_400_000)
    await clock.advance(86_400_000)
    expect(queue.depth).toBe(0)
    await clock.advance(89 * 86_400_000)
    expect(queue.depth).toBe(1)
  })

  test('backoff doubles per key up to the cap, and forget starts it anew', () => {
    const { queue } = setUp({ baseMs: 5, capMs: 40 })
    expect([1, 2, 3, 4, 5].map(() => queue.addRateLimited('a'))).toEqual([5, 10, 20, 40, 40])
    expect(queue.addRateLimited('b')).toBe(5)
    expect(queue.retries('a')).toBe(5)
    queue.forget('a')
    expect(queue.addRateLimited('a')).toBe(5)
  })

  test('the default backoff is client-go’s 5 ms to 1000 s, with jitter that only shortens', () => {
    const clock = new FakeClock()
    const queue = new WorkQueue({ name: 'test', clock, random: seededRandom(7), metrics: createMetrics() })
    const delays = Array.from({ length: 30 }, () => queue.addRateLimited('a'))
    expect(delays[0]).toBeGreaterThanOrEqual(4.5)
    expect(delays[0]).toBeLessThanOrEqual(5)
    expect(delays[29]).toBeGreaterThanOrEqual(900_000)
    expect(delays[29]).toBeLessThanOrEqual(1_000_000)
  })

  test('shutting down hands out what is ready, drops what is delayed, accepts nothing, and ends when all is done', async () => {
    const { queue, clock } = setUp()
    queue.add('ready')
    queue.addAfter('late', 100)
    let drained = false
    queue.shutDown()
    const end = queue.drained().then(() => (drained = true))
    queue.add('refused')
    expect(await queue.get(never)).toBe('ready')
    await clock.advance(1000)
    expect(drained).toBe(false)
    queue.done('ready')
    await end
    expect(await queue.get(never)).toBeUndefined()
    expect(clock.sleeping).toBe(0)
  })

  test('shutting down wakes idle workers', async () => {
    const { queue } = setUp()
    const waiting = queue.get(never)
    queue.shutDown()
    expect(await waiting).toBeUndefined()
  })

  test('its metrics have client-go’s names and exist before the first key', async () => {
    const { queue, metrics, clock } = setUp()
    const before = await metrics.registry.metrics()
    for (const name of ['workqueue_depth', 'workqueue_adds_total', 'workqueue_retries_total', 'workqueue_queue_duration_seconds_count'])
      expect(before).toContain(`${name}{name="test"} 0`)
    queue.add('a')
    await clock.advance(2000)
    await takeNow(queue)
    await clock.advance(3000)
    queue.done('a')
    const text = await metrics.registry.metrics()
    expect(text).toContain('workqueue_adds_total{name="test"} 1')
    expect(text).toContain('workqueue_queue_duration_seconds_sum{name="test"} 2')
    expect(text).toContain('workqueue_work_duration_seconds_sum{name="test"} 3')
  })
})

/** What the queue promises, in the plainest form: a set of ready keys, one of running keys, and the earliest time of each delayed key. */
class Model {
  readonly ready: string[] = []
  readonly running = new Set<string>()
  readonly again = new Set<string>()
  readonly delayed = new Map<string, number>()
  nowMs = 0

  add(key: string): void {
    if (this.running.has(key)) this.again.add(key)
    else if (!this.ready.includes(key)) this.ready.push(key)
  }

  addAfter(key: string, ms: number): void {
    if (ms <= 0) this.add(key)
    else this.delayed.set(key, Math.min(this.delayed.get(key) ?? Infinity, this.nowMs + ms))
  }

  get(): string | undefined {
    const key = this.ready.shift()
    if (key !== undefined) this.running.add(key)
    return key
  }

  done(key: string): void {
    this.running.delete(key)
    if (this.again.delete(key)) this.add(key)
  }

  advance(ms: number): void {
    this.nowMs += ms
    const due = [...this.delayed].filter(([, at]) => at <= this.nowMs).toSorted(([, a], [, b]) => a - b)
    for (const [key] of due) {
      this.delayed.delete(key)
      this.add(key)
    }
  }
}

const key = fc.constantFrom('a', 'b', 'c', 'd')
const steps = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('add' as const), key }),
    fc.record({ op: fc.constant('addAfter' as const), key, ms: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ op: fc.constant('get' as const) }),
    fc.record({ op: fc.constant('done' as const), key }),
    fc.record({ op: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 20 }) }),
  ),
  { maxLength: 60 },
)

describe('WorkQueue against its model', () => {
  test('nothing is lost, no key runs twice at once, the earliest time wins', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const { queue, clock } = setUp()
        const model = new Model()
        const handed: (string | undefined)[] = []
        const expected: (string | undefined)[] = []
        const twice: string[] = []
        for (const step of run) {
          if (step.op === 'add') {
            queue.add(step.key)
            model.add(step.key)
          } else if (step.op === 'addAfter') {
            queue.addAfter(step.key, step.ms)
            model.addAfter(step.key, step.ms)
          } else if (step.op === 'done') {
            queue.done(step.key)
            model.done(step.key)
          } else if (step.op === 'advance') {
            // Millisecond by millisecond, so that keys due at different moments become ready in the order of their moments.
            await clock.advance(step.ms)
            for (let ms = 0; ms < step.ms; ms += 1) model.advance(1)
          } else {
            const running = new Set(model.running)
            const taken = await takeNow(queue)
            if (taken !== undefined && running.has(taken)) twice.push(taken)
            handed.push(taken)
            expected.push(model.get())
          }
        }
        expect(handed).toEqual(expected)
        expect(twice).toEqual([])
        expect(queue.depth).toBe(model.ready.length)
      }),
      { numRuns: 150 },
    )
  })
})

describe('DelayHeap', () => {
  test('gives every key once, at the earliest moment asked for, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }).map(String), fc.integer({ min: 0, max: 100 })), { maxLength: 80 }), (puts) => {
        const heap = new DelayHeap()
        const earliest = new Map<string, number>()
        for (const [name, due] of puts) {
          heap.put(name, due)
          earliest.set(name, Math.min(due, earliest.get(name) ?? Infinity))
        }
        expect(heap.size).toBe(earliest.size)
        const seen: string[] = []
        for (let now = 0; now <= 100; now += 1) {
          for (const name of heap.takeDue(now)) {
            expect(earliest.get(name)).toBe(now)
            seen.push(name)
          }
        }
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen.length).toBe(earliest.size)
        expect(heap.nextMs).toBeUndefined()
      }),
    )
  })
})
