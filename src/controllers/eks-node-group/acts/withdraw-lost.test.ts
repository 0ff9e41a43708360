import { expect, test } from 'vitest'
import type { ScalingGroup, ScalingInstance } from '../../../aws/autoscaling/port.ts'
import { AwsError, type AwsErrorKind } from '../../../aws/aws-error.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { EksNodeGroupReconciler } from '../reconciler.ts'
import { SentCalls } from '../sent-calls.ts'
import { aRemoval } from '../removals/test-world.ts'
import { withdraw } from './withdraw.ts'

const at = (seconds: number): Date => new Date(Date.parse('2026-11-21T06:00:00Z') + seconds * 1000)

function running(...ids: readonly string[]): readonly ScalingInstance[] {
  return ids.map((instanceId) => ({ instanceId, zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }))
}

const made = { origin: 'Created', since: '2026-11-21T05:00:00Z' } as const

type Given = NonNullable<Parameters<typeof aPass>[0]>

/** How a call for a number ends; without an answer it lands when the test says so. */
type End = 'Taken' | 'Lost' | 'Aborted' | Extract<AwsErrorKind, 'Busy'>

/** Six are wanted and four run, of which four are enough: an Auto Scaling group that ends whom it may where more run than it wants. */
class World {
  group: ScalingGroup = aScalingGroup({ minSize: 0, desiredCapacity: 6, instances: running('1', '2', '3', '4') })
  /** Those that AWS chose. */
  readonly ended: string[] = []
  readonly asked: number[] = []
  readonly late: number[] = []
  /** How the next calls end; the rest is taken. */
  readonly ends: End[] = []
  status: EksNodeGroupStatus = {}
  /** What the last pass of everything ended with, and said. */
  result: unknown
  says: string | undefined
  desiredSize = 4
  /** Somebody deletes the object. */
  isDeleted = false
  isConfirmed = true
  /** The role may not protect instances. */
  isRefused = false
  #calls = new SentCalls()
  #reconciler: EksNodeGroupReconciler | undefined
  #second = 0

  readonly #aws = {
    // an API server that evicts nothing
    drain: {
      drainNode: async () => {
        throw new KubeError(503, 'ServiceUnavailable', 'overloaded')
      },
    },
    nodeGroups: {
      describe: async () => aGroup({ scaling: { minSize: 0, maxSize: 10, desiredSize: this.group.desiredCapacity } }),
      updateScaling: async () => 'update',
      describeUpdate: async () => ({ id: 'update', state: 'InProgress', errors: [] }) as const,
    },
    scalingGroups: {
      ofCluster: async () => [this.group],
      activities: async () => [],
      describe: async () => [this.group],
      tag: async (_name, tags) => void (this.group = { ...this.group, tags: { ...this.group.tags, ...tags } }),
      untag: async () => void (this.group = { ...this.group, tags: {} }),
      protect: async (_name, ids, { protected: protectedFromScaleIn }) => {
        if (this.isRefused)
          throw new AwsError('AccessDenied', { reason: 'AccessDenied', action: 'autoscaling:SetInstanceProtection', code: 'AccessDenied', message: 'no' })
        const instances = this.group.instances.map((one) => (ids.includes(one.instanceId) ? { ...one, protectedFromScaleIn } : one))
        this.group = { ...this.group, instances }
      },
      setDesiredCapacity: async (_name, desired) => this.#set(desired),
    },
  } satisfies Given

  /** One pass of `withdraw`; what the draft says afterwards, or what was thrown. */
  async pass(seconds: number): Promise<string> {
    this.#second = seconds
    const pass = aPass({
      spec: this.#spec,
      group: aGroup(),
      scalingGroup: this.group,
      status: this.status,
      now: at(seconds),
      ...this.#aws,
    })
    // Each second of a process has a token of its own.
    const surroundings = { ...pass.surroundings, newToken: () => `token-${this.#second}`, now: () => at(this.#second) }
    const thrown = await withdraw({ ...pass, surroundings, calls: this.#calls }).then(
      () => '',
      (error: unknown) => (error as Error).message,
    )
    this.status = pass.draft.status
    return thrown === '' ? (pass.draft.conditions.underWay?.message ?? '') : thrown
  }

  /** One pass of everything, after those before it. */
  async wholePass(seconds: number): Promise<void> {
    this.#second = seconds
    const annotations = this.isConfirmed ? { 'tidegate.io/confirm-deletion': 'u1' } : {}
    const object = this.isDeleted ? { deletionTimestamp: at(0).toISOString(), annotations } : {}
    const { draft, context, target, sizes, surroundings } = aPass({ object, spec: this.#spec, status: this.status, ...this.#aws })
    this.#reconciler ??= new EksNodeGroupReconciler({
      targets: { find: () => ({ state: 'ready', target }) },
      sizes,
      surroundings: { ...surroundings, now: () => at(this.#second) },
    })
    const pass = async () => (this.isDeleted ? await this.#reconciler?.finalize(draft, context) : await this.#reconciler?.reconcile(draft, context))
    this.result = await pass().catch(() => undefined)
    this.status = draft.status
    this.says = draft.conditions.underWay?.message
  }

  arrive(...ids: readonly string[]): void {
    this.group = { ...this.group, instances: [...this.group.instances, ...running(...ids)] }
  }

  /** What nobody read the answer to is taken after all. */
  land(): void {
    for (const desired of this.late.splice(0)) this.#take(desired)
  }

  /** What a process knows is gone with it. */
  restart(): void {
    this.#calls = new SentCalls()
  }

  get #spec() {
    return { scaling: { minSize: 0, maxSize: 10, desiredSize: this.desiredSize, sizeOwner: 'Spec', allowLarge: false } } as const
  }

  get protected(): readonly string[] {
    return this.group.instances.filter(({ protectedFromScaleIn }) => protectedFromScaleIn).map(({ instanceId }) => instanceId)
  }

  #set(desired: number): void {
    this.asked.push(desired)
    const end = this.ends.shift() ?? 'Taken'
    if (end === 'Taken') return this.#take(desired)
    if (end === 'Busy') throw failure('Busy', 'a scaling activity is in progress')
    this.late.push(desired)
    // So long the SDK waits.
    this.#second += 15
    throw end === 'Lost' ? failure('Unavailable', 'no answer') : new Error('somebody froze it')
  }

  #take(desiredCapacity: number): void {
    const { instances } = this.group
    const ends = instances.filter(({ protectedFromScaleIn }) => !protectedFromScaleIn).slice(0, Math.max(0, instances.length - desiredCapacity))
    this.ended.push(...ends.map(({ instanceId }) => instanceId))
    this.group = { ...this.group, desiredCapacity, instances: instances.filter((one) => !ends.includes(one)) }
  }
}

function failure(kind: AwsErrorKind, message: string): AwsError {
  return new AwsError(kind, { reason: kind, action: 'autoscaling:SetDesiredCapacity', code: kind, message })
}

/** The number was asked for in seconds 1 to 16, and nobody read the answer, if there was one; then the other two arrived. */
async function afterLostCall(end: End = 'Lost'): Promise<World> {
  const world = new World()
  world.ends.push(end)
  await world.pass(0)
  await world.pass(1)
  expect(world.asked).toEqual([4])
  world.arrive('5', '6')
  return world
}

/** As after a lost call, by passes of everything; nobody has arrived yet. */
async function afterWholePasses(): Promise<World> {
  const world = new World()
  world.ends.push('Lost')
  await world.wholePass(0)
  await world.wholePass(1)
  expect(world.asked).toEqual([4])
  return world
}

const all = ['1', '2', '3', '4', '5', '6']

test('B5: what its calls need is stored before the first', async () => {
  const world = new World()
  await world.pass(0)
  expect(world.status.withdrawal?.call).toEqual({ token: 'token-0', at: '2026-11-21T06:00:00Z' })
  expect(world.asked).toEqual([])
})

test.each<[string, End]>([
  ['nobody answered', 'Lost'],
  ['somebody froze the object', 'Aborted'],
])('P1, B5: a number whose call had no answer, since %s, may land late: until it cannot any more all stay protected, the late ones too', async (_, end) => {
  const world = await afterLostCall(end)
  const says = await world.pass(16.1)
  await world.pass(16.2)
  expect(world.protected).toEqual(all)
  expect(says).toMatch(/^nothing is left to withdraw, but AWS may still take a number that it was asked for.*: the protection from scale-in stays/)
  await world.pass(35.9)
  expect(world.protected).toEqual(all)
  world.land()
  expect(world.ended).toEqual([])
  await world.pass(36)
  expect(world.group.desiredCapacity).toBe(6)
  await world.pass(36.1)
  expect(world.protected).toEqual([])
  expect([world.status.withdrawal, world.group.tags]).toEqual([undefined, {}])
})

test('P1, B5: also where the number is raised again meanwhile', async () => {
  const world = await afterLostCall()
  world.desiredSize = 6
  await world.pass(16.1)
  await world.pass(16.2)
  world.land()
  expect(world.ended).toEqual([])
})

test('P1, B5: those that come late are protected before EKS, which may take minutes, is asked for more nodes', async () => {
  const world = await afterWholePasses()
  world.arrive('5', '6')
  world.desiredSize = 8
  await world.wholePass(16.1)
  await world.wholePass(16.2)
  await world.wholePass(16.3)
  await world.wholePass(16.4)
  expect(world.status.operation).toMatchObject({ kind: 'UpdateScaling', updateId: 'update' })
  world.land()
  expect(world.ended).toEqual([])
})

test('P1, B5: and before EKS is asked for anything when the group is deleted', async () => {
  const world = await afterWholePasses()
  world.arrive('5', '6')
  world.isDeleted = true
  world.status = { ...world.status, ownership: made }
  world.group = { ...world.group, minSize: 1 }
  await world.wholePass(16.1)
  await world.wholePass(16.2)
  await world.wholePass(16.3)
  expect(world.status.operation).toMatchObject({ kind: 'UpdateScaling' })
  world.land()
  expect(world.ended).toEqual([])
})

test('P1, B5: also where the API server answers no drain, which ends the pass', async () => {
  const world = new World()
  world.desiredSize = 3
  world.ends.push('Lost')
  await world.pass(0)
  await world.pass(1)
  world.status = { ...world.status, removals: [aRemoval('1')], ownership: made }
  world.arrive('5', '6')
  await world.wholePass(16.1)
  await world.wholePass(16.2)
  world.land()
  expect(world.ended).toEqual([])
})

test('P1, B5: and while nobody has confirmed the deletion', async () => {
  const world = await afterWholePasses()
  world.isDeleted = true
  world.isConfirmed = false
  world.status = { ...world.status, ownership: made }
  await world.wholePass(16.1)
  expect(world.result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  world.arrive('5', '6')
  await world.wholePass(18.1)
  await world.wholePass(18.2)
  world.land()
  expect(world.ended).toEqual([])
  expect(world.status.deletion?.startedAt).toBeUndefined()
  await world.wholePass(40)
  expect(world.result).toEqual({ kind: 'requeueAfter', ms: 600_000 })
})

test('who may not protect late arrivals is told so, and nothing else waits for it: a deletion goes on', async () => {
  const world = await afterLostCall()
  world.isDeleted = true
  world.isRefused = true
  world.isConfirmed = false
  world.status = { ...world.status, ownership: made }
  await world.wholePass(16.1)
  await world.wholePass(16.2)
  expect(world.result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  await world.wholePass(40)
  expect(world.result).toEqual({ kind: 'requeueAfter', ms: 600_000 })
})

test('A2: nor is what EKS was asked for forgotten', async () => {
  const world = await afterLostCall()
  const operation = { kind: 'UpdateVersion', paramsHash: 'h', token: 't', attempt: 1, startedAt: '2026-11-21T05:59:00Z', updateId: 'update' } as const
  world.isRefused = true
  world.status = { ...world.status, operation, ownership: made }
  await world.wholePass(16.1)
  await world.wholePass(16.2)
  expect(world.result).toEqual({ kind: 'requeueAfter', ms: 2_000 })
  expect(world.status.operation).toEqual(operation)
  expect(world.says).toMatch(/who arrives meanwhile cannot be protected from scale-in/)
})

test('P1, B5: what lands meanwhile is seen, and the number is raised at once', async () => {
  const world = await afterLostCall()
  await world.pass(16.1)
  await world.pass(16.2)
  world.land()
  await world.pass(18)
  expect(world.asked).toEqual([4, 6])
  await world.pass(20)
  expect(world.protected).toEqual(all)
})

test('P1, B5: an answer to a later call does not say that the first one has arrived', async () => {
  const world = new World()
  world.ends.push('Lost')
  await world.pass(0)
  await world.pass(1)
  world.arrive('5')
  await world.pass(16.1)
  await world.pass(16.2)
  expect(world.asked).toEqual([4, 5])
  await world.pass(16.3)
  world.land()
  expect(world.ended).toEqual([])
})

test('P1, B5: a number that was raised, with no answer, is a lower one once more are wanted', async () => {
  const world = new World()
  world.ends.push('Taken', 'Lost')
  await world.pass(0)
  await world.pass(1)
  world.arrive('5')
  expect(await world.pass(2)).toBe('no answer')
  expect(world.asked).toEqual([4, 5])
  world.group = { ...world.group, desiredCapacity: 6 }
  world.desiredSize = 6
  world.arrive('6')
  await world.pass(17.1)
  await world.pass(17.2)
  world.land()
  expect(world.ended).toEqual([])
})

test.each([
  { end: 'Taken', passes: 2 },
  { end: 'Busy', passes: 1 },
] as const)('B5: a call that was answered ($end) makes nobody wait', async ({ end, passes }) => {
  const world = await afterLostCall(end)
  // The number is raised first, where it was taken.
  for (let more = 1; more <= passes; more += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await world.pass(1 + more / 10)
  }
  expect([world.status.withdrawal, world.protected]).toEqual([undefined, []])
})

test('P4, B5: a process that died may have asked until then: the next one counts from when it first meets the withdrawal', async () => {
  const world = await afterLostCall()
  world.restart()
  const says = await world.pass(100)
  await world.pass(100.1)
  expect(says).toContain('the protection from scale-in stays')
  expect(world.protected).toEqual(all)
  await world.pass(119.9)
  world.land()
  expect(world.ended).toEqual([])
  await world.pass(120)
  await world.pass(120.1)
  expect([world.status.withdrawal, world.protected]).toEqual([undefined, []])
})

test('P4, B5: so does one whose withdrawal was begun by a version that stored no intent', async () => {
  const world = await afterLostCall()
  const { call: _, ...withdrawal } = world.status.withdrawal ?? { target: 4, protected: [], startedAt: '' }
  world.status = { withdrawal }
  world.restart()
  await world.pass(100)
  await world.pass(100.1)
  expect(world.protected).toEqual(all)
  await world.pass(120)
  expect(world.protected).toEqual([])
})
