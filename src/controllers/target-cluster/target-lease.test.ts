import { expect, test } from 'vitest'
import { KubeError } from '../../kube/kube-error.ts'
import type { CustomObject } from '../../kube/objects.ts'
import { FakeClock } from '../../lib/fake-clock.ts'
import { createLogger } from '../../observability/logger.ts'
import { TestKube } from '../../runtime/test-kube.ts'
import { TargetLease } from './target-lease.ts'

type Spec = Readonly<Record<string, unknown>>
const { signal } = new AbortController()
const log = createLogger({ level: 'silent' })

/** Management clusters that share a target; each may have a clock of its own. */
function world() {
  const kube = new TestKube()
  const clock = new FakeClock()
  const spec = (): Spec => (kube.read('leases', 'kube-system/tidegate') as CustomObject<Spec> | undefined)?.spec ?? {}
  const join = (holder: string, own = clock) => {
    const changes: string[] = []
    const lease = new TargetLease({ client: kube.client, holder, clock: own, log, onChange: () => void changes.push(holder) })
    const stop = new AbortController()
    return { lease, changes, stop, kept: lease.keep(stop.signal) }
  }
  return { kube, clock, spec, join }
}

test('the first takes it and renews it every 60 s; the second is told who has it', async () => {
  const { kube, clock, spec, join } = world()
  const [first, second] = [join('first'), join('second')]
  expect(await first.lease.claim(signal)).toBeUndefined()
  expect(await second.lease.claim(signal)).toBe('first')
  expect([first.lease.isHeld(), second.lease.isHeld()]).toEqual([true, false])
  for (let passes = 0; passes < 20; passes += 1) {
    await clock.advance(30_000)
    expect(await first.lease.claim(signal)).toBeUndefined()
    expect(await second.lease.claim(signal)).toBe('first')
  }
  expect(kube.writes).toHaveLength(11)
  expect(spec()).toMatchObject({ holderIdentity: 'first', leaseDurationSeconds: 180, leaseTransitions: 0 })
})

test('one that is not renewed is taken over after its whole duration, and its old holder finds out', async () => {
  const { kube, clock, spec, join } = world()
  const [first, second] = [join('first'), join('second')]
  await first.lease.claim(signal)
  await second.lease.claim(signal)
  kube.intercept = ({ body }) => {
    if ((body as { spec?: Spec } | undefined)?.spec?.['holderIdentity'] === 'first') throw new KubeError(0, 'NoAnswer', 'cut off')
  }
  await clock.advance(119_000)
  expect([first.lease.isHeld(), await second.lease.claim(signal)]).toEqual([true, 'first'])
  await clock.advance(1_000)
  expect(first.lease.isHeld()).toBe(false)
  await clock.advance(59_000)
  expect(await second.lease.claim(signal)).toBe('first')
  await clock.advance(1_000)
  expect(await second.lease.claim(signal)).toBeUndefined()
  expect(spec()).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
  kube.intercept = () => undefined
  await clock.advance(20_000)
  expect(first.changes).toEqual(['first'])
  expect(await first.lease.claim(signal)).toBe('second')
})

test('a clock that is hours wrong takes nothing that is renewed', async () => {
  const { clock, join } = world()
  const first = join('first')
  await first.lease.claim(signal)
  const wrong = new FakeClock(new Date('2031-01-01T00:00:00Z'))
  const second = join('second', wrong)
  for (let passes = 0; passes < 30; passes += 1) {
    expect(await second.lease.claim(signal)).toBe('first')
    await clock.advance(30_000)
    await wrong.advance(30_000)
  }
})

test('a new leader of the same management cluster goes on at once', async () => {
  const { join, spec } = world()
  await join('same').lease.claim(signal)
  const next = join('same')
  expect(await next.lease.claim(signal)).toBeUndefined()
  expect(spec()).toMatchObject({ holderIdentity: 'same', leaseTransitions: 0 })
})

test('released, it is free at once; what another has taken meanwhile stays', async () => {
  const { kube, join, spec } = world()
  const [first, second] = [join('first'), join('second')]
  await first.lease.claim(signal)
  await first.lease.release(signal)
  expect(first.lease.isHeld()).toBe(false)
  expect(await second.lease.claim(signal)).toBeUndefined()
  expect(spec()).toMatchObject({ holderIdentity: 'second' })
  const taken = kube.read('leases', 'kube-system/tidegate') as CustomObject
  kube.put('leases', { ...taken, spec: { holderIdentity: 'third', leaseDurationSeconds: 180 } })
  await second.lease.release(signal)
  expect(spec()).toMatchObject({ holderIdentity: 'third' })
})

test('of two that claim at once one has it, and the other is told so', async () => {
  const { join } = world()
  const answers = await Promise.all([join('first').lease.claim(signal), join('second').lease.claim(signal)])
  expect(answers).toEqual([undefined, 'first'])
})

test('deleted by somebody, it counts as lost until it is claimed again', async () => {
  const { kube, clock, join } = world()
  const first = join('first')
  await first.lease.claim(signal)
  kube.objects.clear()
  await clock.advance(60_000)
  expect([first.lease.isHeld(), first.changes, kube.objects.size]).toEqual([false, ['first'], 0])
  expect(await first.lease.claim(signal)).toBeUndefined()
})

test('a target that comes back in time is told to nobody; one that was lost is', async () => {
  const { kube, clock, join } = world()
  const first = join('first')
  await first.lease.claim(signal)
  const cut = (): void => {
    kube.intercept = () => {
      throw new KubeError(0, 'NoAnswer', 'cut off')
    }
  }
  cut()
  await clock.advance(80_000)
  kube.intercept = () => undefined
  await clock.advance(10_000)
  expect([first.lease.isHeld(), first.changes]).toEqual([true, []])
  cut()
  await clock.advance(130_000)
  expect(first.lease.isHeld()).toBe(false)
  kube.intercept = () => undefined
  await clock.advance(10_000)
  expect([first.lease.isHeld(), first.changes]).toEqual([true, ['first']])
})

test('it tells for how long its writes have failed, also when nobody claims it', async () => {
  const { kube, clock, join } = world()
  const first = join('first')
  await first.lease.claim(signal)
  await clock.advance(50_000)
  expect(first.lease.failsForMs()).toBe(0)
  kube.intercept = ({ verb }) => {
    if (verb !== 'get') throw new KubeError(500, 'InternalError', 'etcdserver: mvcc: database space exceeded')
  }
  await clock.advance(69_000)
  expect([first.lease.isHeld(), first.lease.failsForMs()]).toEqual([true, 59_000])
  await clock.advance(1_000)
  expect([first.lease.isHeld(), first.lease.failsForMs()]).toEqual([false, 60_000])
  await expect(first.lease.claim(signal)).rejects.toThrow('space exceeded')
  expect(first.lease.failsForMs()).toBe(60_000)
  kube.intercept = () => undefined
  await clock.advance(10_000)
  expect([first.lease.isHeld(), first.lease.failsForMs()]).toEqual([true, 0])
})

test('one that cannot be claimed has failed from the first try, and a pass that was interrupted is no failure', async () => {
  const { kube, clock, join } = world()
  const { lease } = join('first')
  await expect(lease.claim(AbortSignal.abort(new Error('frozen')))).rejects.toThrow('frozen')
  await clock.advance(5_000)
  expect(lease.failsForMs()).toBe(0)
  kube.intercept = () => {
    throw new KubeError(0, 'NoAnswer', 'cut off')
  }
  for (const ms of [0, 30_000]) {
    await clock.advance(ms)
    await expect(lease.claim(signal)).rejects.toThrow('cut off')
  }
  expect(lease.failsForMs()).toBe(30_000)
  kube.intercept = () => undefined
  await lease.claim(signal)
  expect(lease.failsForMs()).toBe(0)
})

test('keeping it ends with its signal', async () => {
  const { clock, join } = world()
  const { lease, stop, kept } = join('first')
  await lease.claim(signal)
  stop.abort(new Error('closed'))
  await clock.advance(0)
  await expect(kept).resolves.toBeUndefined()
})
