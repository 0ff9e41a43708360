import { describe, expect, test } from 'vitest'
import { FakeClock } from '../lib/fake-clock.ts'
import { seededRandom } from '../lib/random.ts'
import { KubeError } from '../kube/kube-error.ts'
import type { CustomObject } from '../kube/objects.ts'
import { createLogger } from '../observability/logger.ts'
import { createMetrics } from '../observability/metrics.ts'
import { LeaderElector, LeadershipLostError } from './leader-election.ts'
import { TestKube } from './test-kube.ts'

const lease = { namespace: 'ns', name: 'op' }
const log = createLogger({ level: 'silent' })
type Spec = { readonly holderIdentity?: string; readonly leaseDurationSeconds?: number; readonly leaseTransitions?: number; readonly renewTime?: string }

/** Processes that share an API server; each may have a clock of its own. */
function world() {
  const kube = new TestKube()
  const shared = new FakeClock()
  const spec = (): Spec => (kube.read('leases', 'ns/op') as CustomObject<Spec> | undefined)?.spec ?? {}
  const join = (identity: string, clock = shared) => {
    const metrics = createMetrics()
    const elector = new LeaderElector({ client: kube.client, lease, identity, clock, random: seededRandom(identity.length), log, metrics })
    const stop = new AbortController()
    const state: { leads: boolean; reason?: unknown; error?: unknown; ended: boolean } = { leads: false, ended: false }
    const run = elector
      .run(stop.signal, async (signal) => {
        state.leads = true
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          signal.addEventListener('abort', () => resolve())
        })
        state.reason = signal.reason
        state.leads = false
      })
      .catch((error: unknown) => (state.error = error))
      .finally(() => (state.ended = true))
    return { elector, stop, state, run, metrics }
  }
  return { kube, clock: shared, spec, join }
}

/** A process that is gone: nothing it says arrives any more. */
function cut(kube: TestKube, identity: string): void {
  kube.intercept = async ({ body, signal }) => {
    if ((body as { spec?: Spec } | undefined)?.spec?.holderIdentity !== identity) return
    await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }
}

describe('LeaderElector', () => {
  test('the first takes the lease, a second waits', async () => {
    const { clock, join, spec } = world()
    const first = join('first')
    await clock.advance(0)
    const second = join('second')
    await clock.advance(120_000)
    expect([first.elector.isLeader(), first.state.leads, second.elector.isLeader(), second.state.leads]).toEqual([true, true, false, false])
    expect(spec()).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 15, leaseTransitions: 0 })
    expect(spec().renewTime).toMatch(/\.\d{6}Z$/)
    expect(await first.metrics.registry.metrics()).toContain('leader_election_master_status{name="op"} 1')
    expect(await second.metrics.registry.metrics()).toContain('leader_election_master_status{name="op"} 0')
  })

  test('a leader that stops ends its work, releases the lease, and the standby leads within a look', async () => {
    const { clock, join, spec } = world()
    const first = join('first')
    await clock.advance(0)
    const second = join('second')
    await clock.advance(10_000)
    first.stop.abort(new Error('SIGTERM'))
    await clock.advance(0)
    expect(first.state).toMatchObject({ leads: false, ended: true })
    expect(first.state.error).toBeUndefined()
    expect(spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1 })
    await clock.advance(2000)
    expect(second.state.leads).toBe(true)
    expect(spec()).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
  })

  test('the lease is released only after the work has ended', async () => {
    const { clock, kube, spec } = world()
    const elector = new LeaderElector({ client: kube.client, lease, identity: 'a', clock, random: seededRandom(1), log, metrics: createMetrics() })
    const stop = new AbortController()
    const run = elector.run(stop.signal, async (signal) => {
      await clock.sleep(1_000_000, { signal }).catch(() => undefined)
      await clock.sleep(3000)
    })
    await clock.advance(5000)
    stop.abort()
    await clock.advance(2000)
    expect(spec().holderIdentity).toBe('a')
    await clock.advance(1000)
    await run
    expect(spec().holderIdentity).toBe('')
  })

  test.each([
    ['whose renewal is on its way releases the lease', 'first', ''],
    ['whose renewal is on its way leaves the lease of another alone', 'another', 'another'],
  ])('a leader that stops %s', async (_, holder, expected) => {
    const { clock, join, kube, spec } = world()
    const first = join('first')
    await clock.advance(0)
    kube.intercept = async ({ verb, signal }) => {
      if (verb !== 'replace') return
      kube.intercept = () => undefined
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      const stored = kube.read('leases', 'ns/op')
      if (stored !== undefined) kube.put('leases', { ...stored, spec: { ...spec(), holderIdentity: holder } })
    }
    await clock.advance(2000)
    first.stop.abort(new Error('SIGTERM'))
    await clock.advance(0)
    expect(first.state).toMatchObject({ leads: false, ended: true })
    expect(spec().holderIdentity).toBe(expected)
  })

  test('a leader that dies is followed 15 s after the standby last saw it renew, not earlier', async () => {
    const { clock, join, kube } = world()
    join('first')
    await clock.advance(0)
    const second = join('second')
    await clock.advance(10_000)
    cut(kube, 'first')
    await clock.advance(12_500)
    expect(second.state.leads).toBe(false)
    await clock.advance(6_000)
    expect(second.state.leads).toBe(true)
  })

  test('with no answer from the API server it stops writing and gives up after 10 s', async () => {
    const { clock, join, kube } = world()
    const { elector, state } = join('first')
    await clock.advance(4000)
    cut(kube, 'first')
    await clock.advance(7000)
    expect(elector.isLeader()).toBe(true)
    await clock.advance(3000)
    expect(elector.isLeader()).toBe(false)
    expect(state).toMatchObject({ leads: false, ended: true })
    expect(state.error).toBeInstanceOf(LeadershipLostError)
    expect(state.reason).toBeInstanceOf(LeadershipLostError)
  })

  test('with no answer for 5 s it is out of contact although it still leads, and in contact again with the next answer', async () => {
    const { clock, join, kube } = world()
    const { elector } = join('first')
    await clock.advance(4000)
    expect(elector.inContact()).toBe(true)
    kube.intercept = () => {
      throw new KubeError(500, 'InternalError', 'etcd has no leader')
    }
    await clock.advance(5001)
    expect([elector.isLeader(), elector.inContact()]).toEqual([true, false])
    kube.intercept = () => undefined
    await clock.advance(2001)
    expect([elector.isLeader(), elector.inContact()]).toEqual([true, true])
  })

  test('errors of the API server for less than the deadline do no harm', async () => {
    const { clock, join, kube } = world()
    const { elector, state } = join('first')
    await clock.advance(4000)
    kube.intercept = () => {
      throw new KubeError(500, 'InternalError', 'etcd has no leader')
    }
    await clock.advance(7500)
    kube.intercept = () => undefined
    await clock.advance(60_000)
    expect([elector.isLeader(), state.leads]).toEqual([true, true])
  })

  test('a renewal whose answer is lost is still ours', async () => {
    const { clock, join, kube, spec } = world()
    const { elector } = join('first')
    await clock.advance(3000)
    const real = kube.changed
    let lose = true
    kube.changed = () => {
      if (!lose) return
      lose = false
      throw new KubeError(0, 'NoAnswer', 'connection reset') // stored, and nobody is told
    }
    await clock.advance(10_000)
    kube.changed = real
    expect(lose).toBe(false)
    expect(elector.isLeader()).toBe(true)
    expect(spec().leaseTransitions).toBe(0)
  })

  test('a process that was paused for longer than the lease leads no more when it wakes, and says so', async () => {
    const { clock, join, kube, spec } = world()
    const pausedClock = new FakeClock()
    const paused = join('paused', pausedClock)
    await pausedClock.advance(2000)
    const other = join('other', clock)
    await clock.advance(20_000) // the time of `paused` stands still meanwhile
    expect(other.state.leads).toBe(true)
    expect(spec().holderIdentity).toBe('other')
    await pausedClock.advance(20_000)
    expect(paused.elector.isLeader()).toBe(false)
    expect(paused.state.error).toBeInstanceOf(LeadershipLostError)
    expect(spec().holderIdentity).toBe('other')
    expect(kube.objects.size).toBe(1)
  })

  test('it is no leader in the instant it wakes from a pause, before it has asked anybody', async () => {
    const { clock, join, kube } = world()
    const { elector } = join('first')
    await clock.advance(2000)
    cut(kube, 'first')
    const seen: boolean[] = []
    void clock.sleep(10_000).then(() => seen.push(elector.isLeader()))
    await clock.advance(10_000)
    expect(seen).toEqual([false])
  })

  test.each([{ to: '2000-01-01T00:00:00Z' }, { to: '2050-01-01T00:00:00Z' }])('a wall clock set to $to changes nothing', async ({ to }) => {
    const { clock, join } = world()
    const first = join('first')
    const skewed = new FakeClock(new Date(to))
    await clock.advance(0)
    const second = join('second', skewed)
    clock.setWall(new Date(to))
    for (let second2 = 0; second2 < 60; second2 += 1) {
      await clock.advance(1000)
      await skewed.advance(1000)
    }
    expect([first.state.leads, second.state.leads]).toEqual([true, false])
  })

  test('of two that want a free lease at once one gets it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { clock, join } = world()
      const all = ['a', 'bb', 'ccc'].map((identity) => join(identity))
      await clock.advance(30_000)
      expect(all.filter(({ elector }) => elector.isLeader())).toHaveLength(1)
    }
  })

  test('somebody who takes the lease by force is believed at once', async () => {
    const { clock, join, kube } = world()
    const { elector, state } = join('first')
    await clock.advance(3000)
    const object = kube.read('leases', 'ns/op') as CustomObject<Spec>
    kube.put('leases', { ...object, spec: { ...object.spec, holderIdentity: 'intruder' } })
    await clock.advance(5000)
    expect(elector.isLeader()).toBe(false)
    expect(String(state.error)).toContain('held by intruder')
  })

  test('labels that others put on the lease survive a renewal', async () => {
    const { clock, join, kube } = world()
    join('first')
    await clock.advance(3000)
    const object = kube.read('leases', 'ns/op') as CustomObject
    kube.put('leases', { ...object, metadata: { ...object.metadata, labels: { team: 'a' } } })
    await clock.advance(10_000)
    expect(kube.read('leases', 'ns/op')?.metadata.labels).toEqual({ team: 'a' })
  })

  test('a deadline beyond two thirds of the lease is refused', () => {
    const { kube, clock } = world()
    const make = () =>
      new LeaderElector({ client: kube.client, lease, identity: 'a', clock, random: seededRandom(1), log, metrics: createMetrics(), renewDeadlineMs: 11_000 })
    expect(make).toThrow(RangeError)
  })

  test('work that fails ends it with that error, and the lease is released', async () => {
    const { kube, clock, spec } = world()
    const elector = new LeaderElector({ client: kube.client, lease, identity: 'a', clock, random: seededRandom(1), log, metrics: createMetrics() })
    const run = elector.run(new AbortController().signal, async () => {
      await clock.sleep(1000)
      throw new Error('controller failed')
    })
    const failure = run.catch((error: unknown) => error)
    await clock.advance(5000)
    expect(String(await failure)).toContain('controller failed')
    expect(spec().holderIdentity).toBe('')
  })
})
