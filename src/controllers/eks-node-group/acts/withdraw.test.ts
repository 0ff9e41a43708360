import { expect, test } from 'vitest'
import { AwsError } from '../../../aws/aws-error.ts'
import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import type { EksNodeGroupStatus } from '../../../crds/eks-node-group.ts'
import type { KubeObject } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Pass } from '../pass.ts'
import { worldOf } from '../removals/world.ts'
import { inSync } from '../reports/in-sync.ts'
import { SentCalls } from '../sent-calls.ts'
import { withdraw } from './withdraw.ts'

const scaling = { minSize: 1, maxSize: 10, desiredSize: 2, sizeOwner: 'Spec', allowLarge: false } as const
const time = '2026-11-21T06:00:00Z'
const tag = 'tidegate.io/protected'
/** Made by the process that these passes are of. */
const call = { token: 'nonce', at: time }

/** An Auto Scaling group that does what it is told; it begins with two instances and wants three. */
class World {
  group: ScalingGroup
  readonly done: string[] = []
  /** Who set the number last. */
  manager = 'kubectl'
  /** The role may take off no tag. */
  keepsTags = false
  readonly #calls = new SentCalls()

  constructor(group: Partial<ScalingGroup> = {}, isProtected: readonly string[] = []) {
    const instances = ['i-1', 'i-2'].map((instanceId) => ({
      instanceId,
      zone: 'a',
      lifecycleState: 'InService',
      protectedFromScaleIn: isProtected.includes(instanceId),
    }))
    this.group = aScalingGroup({ desiredCapacity: 3, instances, ...group })
    this.#calls.made(call.token, new Date(time))
  }

  pass(status: EksNodeGroupStatus = {}): Pass {
    const pass = aPass({
      object: { managedFields: [{ manager: this.manager }] } as Partial<KubeObject['metadata']>,
      spec: { scaling },
      group: aGroup(),
      scalingGroup: this.group,
      status,
      scalingGroups: {
        describe: async () => [this.group],
        tag: async (_name, tags) => this.#change(`tag ${Object.values(tags).join()}`, { tags: { ...this.group.tags, ...tags } }),
        untag: async () => {
          if (this.keepsTags)
            throw new AwsError('AccessDenied', { action: 'autoscaling:DeleteTags', reason: 'AccessDenied', code: 'AccessDenied', message: 'no' })
          this.#change('untag', { tags: {} })
        },
        protect: async (_name, ids, { protected: protectedFromScaleIn }) => {
          const instances = this.group.instances.map((one) => (ids.includes(one.instanceId) ? { ...one, protectedFromScaleIn } : one))
          this.#change(`protect ${String(protectedFromScaleIn)} ${ids.join()}`, { instances })
        },
        setDesiredCapacity: async (_name, desiredCapacity) => this.#change(`want ${desiredCapacity}`, { desiredCapacity }),
      },
    })
    return { ...pass, calls: this.#calls }
  }

  /** Passes until there is nothing to do, at most ten. Answers the status after each. */
  async run(status?: EksNodeGroupStatus): Promise<readonly EksNodeGroupStatus[]> {
    const all: EksNodeGroupStatus[] = []
    for (let passes = 0; passes < 10; passes += 1) {
      const pass = this.pass(all.at(-1) ?? status)
      // oxlint-disable-next-line no-await-in-loop -- one pass after the other
      const result = await withdraw(pass)
      all.push(pass.draft.status)
      if (result === undefined) return all
    }
    throw new Error('the withdrawal does not end')
  }

  #change(what: string, changed: Partial<ScalingGroup>): void {
    this.done.push(what)
    this.group = { ...this.group, ...changed }
  }
}

function said(pass: Pass): { readonly reason: string; readonly message: string } {
  inSync(pass)
  return pass.draft.conditions.get('InSync')
}

test('it says what it is about: what is withdrawn, and afterwards that only our protection is left', async () => {
  const world = new World()
  const messages: string[] = []
  let status: EksNodeGroupStatus = {}
  for (let passes = 0; passes < 6; passes += 1) {
    const pass = world.pass(status)
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await withdraw(pass)
    ;({ status } = pass.draft)
    const message = pass.draft.conditions.underWay?.message
    if (message !== undefined && messages.at(-1) !== message) messages.push(message)
  }
  expect(messages).toEqual([
    'AWS is asked for 3 nodes and fewer are wanted: what has not arrived is withdrawn',
    'nothing is left to withdraw: the protection from scale-in that this needed is taken back',
  ])
})

test('B5: what is protected is written down and tagged before, and both go after it', async () => {
  const world = new World()
  const [first] = await world.run()
  expect(first?.withdrawal?.protected).toEqual(['i-1', 'i-2'])
  expect(world.done).toEqual(['tag u1', 'protect true i-1,i-2', 'want 2', 'protect false i-1,i-2', 'untag'])
})

test('P10: the history names who lowered the number, whoever writes it before that has ended', async () => {
  const world = new World()
  const first = world.pass()
  await withdraw(first)
  world.manager = 'git'
  const late = { instanceId: 'i-3', zone: 'a', lifecycleState: 'InService', protectedFromScaleIn: false }
  world.group = { ...world.group, desiredCapacity: 4, instances: [...world.group.instances, late] }
  const last = (await world.run(first.draft.status)).at(-1)
  expect(last?.history).toMatchObject([{ operation: 'Withdraw', outcome: 'Succeeded', fieldManager: 'kubectl' }])
})

test('P2: where the tag cannot be taken off, who protects an instance after us is not taken for us', async () => {
  const world = new World()
  world.keepsTags = true
  let status: EksNodeGroupStatus = {}
  for (let passes = 0; !world.done.includes('protect false i-1,i-2'); passes += 1) {
    const pass = world.pass(status)
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    await withdraw(pass).catch(() => undefined)
    ;({ status } = pass.draft)
    expect(passes).toBeLessThan(10)
  }
  expect(status.withdrawal?.protected).toEqual([])
  // a person protects one of them
  const instances = world.group.instances.map((one) => (one.instanceId === 'i-1' ? { ...one, protectedFromScaleIn: true } : one))
  world.group = { ...world.group, instances }
  world.keepsTags = false
  await world.run(status)
  expect(world.group.instances.map(({ protectedFromScaleIn }) => protectedFromScaleIn)).toEqual([true, false])
  expect(world.done.at(-1)).toBe('untag')
})

test('what somebody else protected is neither written down nor taken back', async () => {
  const world = new World({}, ['i-1'])
  await world.run()
  expect(world.done).toEqual(['tag u1', 'protect true i-2', 'want 2', 'protect false i-2', 'untag'])
})

test.each([
  ['this object', 'u1', {}],
  ['an earlier life of it', 'u0', { ownership: { origin: 'Created', since: time, formerUIDs: ['u0'] } }],
] satisfies [string, string, EksNodeGroupStatus][])(
  'P2: protection of which %s lost the status is told with the remedy, and never taken back by guess',
  async (_, uid, status) => {
    const world = new World({ desiredCapacity: 2, tags: { [tag]: uid } }, ['i-1'])
    const pass = world.pass(status)
    expect(await withdraw(pass)).toBeUndefined()
    expect(world.done).toEqual([])
    expect(said(pass)).toMatchObject({ reason: 'Drifted', message: expect.stringMatching(/set-instance-protection .*--instance-ids i-1; .*delete-tags/) })
    expect(pass.draft.status.drift).toMatchObject([{ field: 'protection from scale-in', actual: 'on 1 instance' }])
  },
)

test('once nobody is protected any more the tag goes; one of another object stays', async () => {
  for (const [uid, done] of [
    ['u1', ['untag']],
    ['u1/lost', ['untag']],
    ['u9', []],
  ] as const) {
    const world = new World({ desiredCapacity: 2, tags: { [tag]: uid } })
    const pass = world.pass()
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await withdraw(pass)
    expect(world.done).toEqual(done)
    expect(said(pass).reason).toBe('NoDrift')
  }
})

test('protection of a withdrawal that was lost is not forgotten by the next one', async () => {
  const world = new World({ tags: { [tag]: 'u1' } }, ['i-1'])
  const after = await world.run()
  expect(world.done).toEqual(['tag u1/lost', 'protect true i-2', 'want 2', 'protect false i-2'])
  expect(said(world.pass(after.at(-1))).reason).toBe('Drifted')
})

test('an instance that is not there any more is struck off', async () => {
  const pass = new World({ tags: { [tag]: 'u1' } }, ['i-1']).pass({ withdrawal: { target: 2, protected: ['i-0', 'i-1'], startedAt: time, call } })
  await withdraw(pass)
  expect(pass.draft.status.withdrawal?.protected).toEqual(['i-1', 'i-2'])
})

test('P8: one that arrived after all, and for which the maximum is too low, is told with what helps', async () => {
  const world = new World({ desiredCapacity: 1, maxSize: 1 }, ['i-1', 'i-2'])
  const pass = world.pass({ withdrawal: { target: 1, protected: ['i-1', 'i-2'], startedAt: time, call } })
  expect(await withdraw({ ...pass, spec: { ...pass.spec, scaling: { ...scaling, maxSize: 1, desiredSize: 1 } } })).toEqual({ kind: 'requeueAfter', ms: 15_000 })
  const told = /^2 nodes run and the maximum is 1, .*: raise the maximum of Auto Scaling group asg to 2/
  expect(pass.draft.conditions.underWay?.message).toMatch(told)
  expect(world.done).toEqual([])
})

test('the number that is raised for one that arrived after all is told', async () => {
  const notes: string[] = []
  const world = new World({ desiredCapacity: 1 }, ['i-1', 'i-2'])
  const pass = world.pass({ withdrawal: { target: 1, protected: ['i-1', 'i-2'], startedAt: time, call } })
  await withdraw({ ...pass, context: { ...pass.context, event: ({ note }) => void notes.push(note) } })
  expect(world.done).toEqual(['want 2'])
  expect(notes).toEqual(['raised the number of asg from 1 to 2: what was withdrawn arrived after all'])
})

test('P2: we meant to protect it, a freeze came, and somebody else did it: theirs, and not taken back', async () => {
  const world = new World()
  const intended = world.pass()
  await withdraw(intended)
  expect(intended.draft.status.withdrawal?.protected).toEqual(['i-1', 'i-2'])
  world.group = { ...world.group, instances: world.group.instances.map((one) => ({ ...one, protectedFromScaleIn: one.instanceId === 'i-1' })) }
  await world.run(intended.draft.status)
  expect(world.done).toEqual(['tag u1', 'protect true i-2', 'want 2', 'protect false i-2', 'untag'])
})

test('P2: also where nothing is to be withdrawn any more by then', async () => {
  const world = new World({ desiredCapacity: 2 }, ['i-1', 'i-2'])
  const after = await world.run({ withdrawal: { target: 2, protected: ['i-1', 'i-2'], startedAt: time, call } })
  expect(world.done).toEqual([])
  expect(after.at(-1)?.withdrawal).toBeUndefined()
})

test.each([
  ['not yet', {}, 'Protection'],
  ['before', { [tag]: 'u1' }, undefined],
])('P2: one on our list, which AWS was asked for %s, is kept by: %s %s', (_, tags, keptBy) => {
  const world = new World({ tags }, ['i-1'])
  const { members } = worldOf(world.pass({ withdrawal: { target: 2, protected: ['i-1'], startedAt: time, call } }), world.group)
  expect(members[0]?.keptBy).toBe(keptBy)
})

test('P2: one that is set aside keeps our protection, which AWS does not take off there: the tag stays, and it is told when it is back in service', async () => {
  const world = new World({ desiredCapacity: 1, tags: { [tag]: 'u1' } }, ['i-1', 'i-2'])
  const aside = (lifecycleState: string): void => {
    world.group = { ...world.group, instances: world.group.instances.map((one) => (one.instanceId === 'i-2' ? { ...one, lifecycleState } : one)) }
  }
  aside('Standby')
  const after = (await world.run({ withdrawal: { target: 1, protected: ['i-1', 'i-2'], startedAt: time, call } })).at(-1)
  expect(world.done).toEqual(['protect false i-1', 'tag u1/lost'])
  expect(after?.withdrawal).toBeUndefined()
  expect(said(world.pass(after)).reason).not.toBe('Drifted')
  aside('InService')
  expect(said(world.pass(after))).toMatchObject({ reason: 'Drifted', message: expect.stringContaining('--instance-ids i-2') })
})
