import type { ManagedEksNodeGroupSpec } from '../../crds/eks-node-group.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { tagsOfMark } from './ownership.ts'
import type { TestOperator } from './test-operator.ts'
import { approveAnnotation } from './updates/approval.ts'

/** What people, and AWS by itself, do between two passes. */
export type Happening =
  | { readonly kind: 'Nothing' | 'Approve' | 'ApproveBefore' | 'Retry' | 'Confirm' | 'Delete' }
  | { readonly kind: 'Edit'; readonly spec: Partial<ManagedEksNodeGroupSpec> }
  | { readonly kind: 'InConsole'; readonly what: 'Delete' | 'Make' | 'Unmark' | 'MarkAsAnothers' | 'Label' }
  | { readonly kind: 'Number'; readonly number: number }
  | { readonly kind: 'Fails'; readonly what: keyof TestOperator['cloud']['fails']; readonly times: number }

const another = tagsOfMark({ uid: '9d1c5a52-6c0e-4e55-9d6a-6f7f8a9b0c1d', object: 'training/another', cluster: 'mc' })

export function happen(world: TestOperator, one: Happening): void {
  const { cloud } = world
  switch (one.kind) {
    case 'Nothing':
      return
    case 'Edit':
      return world.edit(one.spec)
    case 'Approve':
    case 'ApproveBefore':
      return approve(world, one.kind === 'Approve' ? 0 : -1)
    case 'Retry':
      return world.annotate('tidegate.io/retry', String(cloud.nowMs))
    case 'Confirm':
      return world.annotate(confirmAnnotation, world.object?.metadata.uid ?? '')
    case 'Delete':
      return world.delete()
    case 'InConsole':
      return inConsole(world, one.what)
    case 'Number':
      return cloud.setByHand(one.number)
    case 'Fails':
      cloud.fails[one.what] = one.times
      return
    default:
      return one satisfies never
  }
}

function approve(world: TestOperator, offset: number): void {
  world.annotate(approveAnnotation, String((world.object?.metadata.generation ?? 0) + offset))
}

function inConsole({ cloud }: TestOperator, what: Extract<Happening, { kind: 'InConsole' }>['what']): void {
  const { group } = cloud
  switch (what) {
    case 'Delete':
      if (group?.state === 'Active') cloud.delete()
      return
    case 'Make':
      return cloud.makeForeign()
    case 'Unmark':
      return cloud.touch({ tags: withoutMark(group?.tags ?? {}) })
    case 'MarkAsAnothers':
      return cloud.touch({ tags: { ...group?.tags, ...another } })
    case 'Label':
      return cloud.touch({ labels: { ...group?.labels, tier: 'theirs' } })
    default:
      return what satisfies never
  }
}

function withoutMark(tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !Object.keys(another).includes(key)))
}

interface Wait {
  /** Whether AWS and the object are as the reason says. */
  readonly isSo: (world: TestOperator) => boolean
  /** What the message tells a person to do. */
  readonly answer: (world: TestOperator) => void
}

/** All that an object may wait for once nothing fails any more. */
const waits: Readonly<Record<string, Wait>> = {
  AlreadyExists: { isSo: isUnmarked, answer: takeIt },
  NotFound: { isSo: ({ cloud }) => cloud.group === undefined, answer: takeIt },
  OwnedByAnother: {
    isSo: isUnmarked,
    answer: (world) => {
      inConsole(world, 'Unmark')
      takeIt(world)
    },
  },
  CreateFailed: { isSo: (world) => world.cloud.group?.state === 'CreateFailed' && world.condition('Stalled') !== undefined, answer: makeAgain },
  DeleteFailed: { isSo: ({ cloud }) => cloud.group?.state === 'DeleteFailed', answer: ({ cloud }) => cloud.delete() },
  WaitingForApproval: { isSo: isOfOtherVersion, answer: agree },
  UpdateFailed: { isSo: isOfOtherVersion, answer: (world) => happen(world, { kind: 'Retry' }) },
  UpdateBarred: { isSo: isNewer, answer: (world) => world.edit({ version: world.cloud.group?.version ?? '' }) },
  WaitingForConfirmation: { isSo: ({ cloud }) => cloud.instances.length > 0, answer: (world) => happen(world, { kind: 'Confirm' }) },
}

/** What a person does about that which the object waits for, if that is so; `undefined` while it waits for nobody. */
export function answerOf(world: TestOperator): (() => void) | undefined {
  const reasons = ['Stalled', 'Reconciling', 'Ready'].map((type) => world.condition(type)?.reason ?? '')
  const wait = reasons.map((reason) => waits[reason]).find((one) => one?.isSo(world))
  return wait === undefined ? undefined : () => wait.answer(world)
}

/** One that the object had from its beginning is taken off first. */
function agree(world: TestOperator): void {
  if (world.object?.status?.inheritedApproval === undefined) approve(world, 0)
  else world.annotate(approveAnnotation, undefined)
}

function takeIt(world: TestOperator): void {
  const { policy } = world.object?.spec ?? {}
  if (policy !== undefined) world.edit({ policy: { ...policy, adoption: 'AdoptOrCreate' } })
}

/** One that was found, or has nodes, is not deleted by the operator to be made again. */
function makeAgain(world: TestOperator): void {
  if (world.object?.status?.ownership?.origin === 'Adopted' || world.cloud.instances.length > 0) world.cloud.delete()
  else happen(world, { kind: 'Retry' })
}

function isUnmarked({ cloud, object }: TestOperator): boolean {
  return cloud.group !== undefined && cloud.group.tags['tidegate.io/owner'] !== object?.metadata.uid
}

function isOfOtherVersion({ cloud, object }: TestOperator): boolean {
  return cloud.group !== undefined && object?.spec.version !== undefined && cloud.group.version !== object.spec.version
}

function isNewer({ cloud, object }: TestOperator): boolean {
  return (cloud.group?.version ?? '') > (object?.spec.version ?? '9')
}
