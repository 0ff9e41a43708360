import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EksNodeGroup, ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import { isMarkedBy } from './ownership.ts'
import { readFaults, statusFaults, writeFaults } from './test-calls.ts'
import { type Chapter, end, play } from './test-chapters.ts'
import { TestOperator } from './test-operator.ts'
import type { Happening } from './test-person.ts'

const anyLabels = fc.constantFrom<Record<string, string>>({}, { team: 'web' }, { team: 'ops', tier: 'ours' })
const anyTaints = fc.constantFrom<NonNullable<ManagedEksNodeGroupSpec['taints']>>([], [{ key: 'dedicated', value: 'web', effect: 'NoSchedule' }])
const anySizes = fc.record({ minSize: fc.nat(2), more: fc.nat(2), room: fc.nat(2) }).map(({ minSize, more, room }) => ({
  minSize,
  desiredSize: minSize + more,
  maxSize: Math.max(1, minSize + more + room),
  sizeOwner: 'Spec' as const,
  allowLarge: false,
}))
const anyVersion = anyOf('1.34', '1.35', '1.36')
const anyUpdate = fc.record({
  approval: anyOf('Manual', 'Manual', 'Automatic'),
  force: fc.constant(false),
  maxUnavailable: anyOf(1, 2),
})
const anyPolicy = fc.oneof(
  fc.record({ management: anyOf('Manage'), adoption: anyOf('CreateOnly', 'AdoptOrCreate', 'AdoptOnly') }),
  fc.record({
    management: anyOf('Manage'),
    adoption: anyOf('AdoptOrCreate'),
    deletion: anyOf('Delete', 'Retain'),
  }),
)
const anySpec: fc.Arbitrary<Partial<ManagedEksNodeGroupSpec>> = fc.record({
  labels: anyLabels,
  tags: anyLabels,
  taints: anyTaints,
  scaling: anySizes,
  version: anyVersion,
  update: anyUpdate,
  policy: anyPolicy,
})
const anyEdit: fc.Arbitrary<Partial<ManagedEksNodeGroupSpec>> = fc.oneof(
  anyLabels.map((labels) => ({ labels })),
  anyLabels.map((tags) => ({ tags })),
  anyTaints.map((taints) => ({ taints })),
  anySizes.map((scaling) => ({ scaling })),
  anyVersion.map((version) => ({ version })),
  anyUpdate.map((update) => ({ update })),
  anyPolicy.map((policy) => ({ policy })),
)
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 7, arbitrary: anyEdit.map((spec) => ({ kind: 'Edit' as const, spec })) },
  { weight: 4, arbitrary: anyOf('Nothing', 'Approve', 'Approve', 'ApproveBefore', 'Retry').map((kind) => ({ kind })) },
  { weight: 3, arbitrary: anyOf('Confirm', 'Delete', 'Delete').map((kind) => ({ kind })) },
  { weight: 4, arbitrary: anyOf('Delete', 'Make', 'Unmark', 'MarkAsAnothers', 'Label').map((what) => ({ kind: 'InConsole' as const, what })) },
  { weight: 1, arbitrary: fc.nat(5).map((number) => ({ kind: 'Number' as const, number })) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: anyOf('Fails'), what: anyOf('creation', 'settings', 'version', 'version', 'deletion'), times: anyOf(1, 1, 4) }),
  },
)

const anyFault = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: anyOf(...writeFaults) },
  { weight: 1, arbitrary: anyOf(...readFaults) },
  { weight: 1, arbitrary: anyOf(...statusFaults) },
  { weight: 1, arbitrary: anyOf('ObjectIsStale') },
)
const anyPass = fc.record({ afterS: anyOf(0, 1, 4, 4, 15, 70, 700), fault: anyFault })
/** What leaves in doubt whether a write acted: these are told more often than others. */
const anyLoss = anyOf('WriteLate', 'DiesAndWriteLate', 'AnswerLost', 'DiesAfterWrite', ...writeFaults)
/** The first stores an intent, and the second acts on it. */
const interrupted = fc.tuple(fc.constant({ afterS: 0, fault: undefined }), fc.record({ afterS: anyOf(0, 4), fault: anyLoss }))
const anyPasses = fc.oneof(
  { weight: 1, arbitrary: fc.array(anyPass, { maxLength: 4, size: 'max' }) },
  { weight: 2, arbitrary: fc.tuple(interrupted, fc.array(anyPass, { maxLength: 2, size: 'max' })).map((passes) => passes.flat()) },
)
const anyChapter: fc.Arbitrary<Chapter> = fc.record({ happens: anyHappening, passes: anyPasses, rests: anyOf(false, false, true) })

function anyOf<const T>(...some: readonly T[]): fc.Arbitrary<T> {
  return fc.constantFrom(...some)
}

/** What people asked for, and what there is. */
function asked({ cloud, object }: TestOperator): object {
  if (object === undefined) return { isLeftBehind: false }
  const { labels, tags, taints, version, scaling, update } = object.spec
  const sizes = { minSize: scaling?.minSize, maxSize: scaling?.maxSize, desiredCapacity: scaling?.desiredSize, running: scaling?.desiredSize }
  const ofFound = cloud.foreign.has(cloud.group?.arn ?? '') ? { maker: 'them' } : {}
  return { ready: 'True', state: 'Active', labels, tags: { ...ofFound, ...tags }, taints, version, maxUnavailable: update.maxUnavailable, ...sizes }
}

function found(world: TestOperator): object {
  const { cloud, object, last } = world
  const { group, scalingGroup, instances } = cloud
  if (object === undefined) return { isLeftBehind: last !== undefined && !isRetained(last) && isMarkedBy(group?.tags ?? {}, last.metadata.uid) }
  const { minSize, maxSize, desiredCapacity } = scalingGroup ?? {}
  const sizes = { minSize, maxSize, desiredCapacity, running: instances.length }
  const { state, labels, taints, version, update } = group ?? {}
  const tags = Object.fromEntries(Object.entries(group?.tags ?? {}).filter(([key]) => !key.startsWith('tidegate.io/')))
  return { ready: world.condition('Ready')?.status, state, labels, tags, taints, version, maxUnavailable: update?.maxUnavailable, ...sizes }
}

function isRetained({ spec: { policy }, status }: EksNodeGroup): boolean {
  return policy.deletion === 'Retain' || (status?.ownership?.origin === 'Adopted' && policy.deletion !== 'Delete')
}

test('whatever fails, and whenever the operator dies: nothing is done twice, unasked or to what is not ours, and all that was asked for comes true', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anySpec, anyOf(false, false, true), fc.array(anyChapter, { minLength: 1, maxLength: 4, size: 'max' }), async (spec, isFound, chapters) => {
      const world = new TestOperator(spec)
      if (isFound) world.cloud.makeForeign()
      await play(chapters, world)
      expect(world.promises.broken).toEqual([])
      expect(await end(world)).toBe('at rest')
      expect(world.promises.atTheEnd()).toEqual([])
      expect(found(world)).toEqual(asked(world))
    }),
    // A seed of its own: what fails once fails again, and other seeds are for looking further.
    { numRuns: 200, seed: 6 },
  )
})
