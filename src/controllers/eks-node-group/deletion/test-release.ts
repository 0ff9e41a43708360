import type { EksNodeGroupStatus, ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import type { FinalizeResult, Result } from '../../../runtime/reconciler.ts'
import { createLogger } from '../../../observability/logger.ts'
import { KubeError } from '../../../kube/kube-error.ts'
import type { Node } from '../../../kube/objects.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import { aWatchingSpec } from '../test-spec.ts'
import type { Pass } from '../pass.ts'
import { OnceTokens } from '../removals/once.ts'
import { SentCalls } from '../sent-calls.ts'
import { release } from './release.ts'

/** When what stands began; also the clock of the first pass, but for two seconds. */
export const time = '2026-11-21T06:00:00Z'
/** Of the node, and of the group for nodes that come late. */
export const taint = { key: 'tidegate.io/leaving', value: 'u1', effect: 'NoSchedule' } as const
/** The group's one instance, while its node is drained. */
export const draining = {
  nodeUID: 'n1',
  nodeName: 'node-1',
  instanceId: 'i-1',
  state: 'Draining',
  message: '',
  drain: { step: 'Draining', isolatedAt: time },
} as const
/** The same once AWS may have been asked to end it. */
export const handedOver = { ...draining, state: 'Removing', call: { token: 'once', at: time } } as const
/** All that can stand of ours. */
export const status: EksNodeGroupStatus = {
  arn: 'arn:workers',
  removals: [draining],
  withdrawal: { target: 0, protected: ['i-1'], startedAt: time, call: { token: 'number', at: time } },
  rebalance: { suspendedAt: time, scalingGroup: 'asg' },
  deletion: { taintedAt: time, sizesBefore: '1/5' },
}

export interface Given {
  readonly status?: EksNodeGroupStatus
  readonly lifecycleState?: string
  /** The Auto Scaling group does not have the instance. */
  readonly isOutOfGroup?: boolean
  /** AWS was certainly not asked; else the token is of a process that died. */
  readonly cannotHaveActed?: boolean
  /** The withdrawal is of a process that died: a number that it asked for may still be taken. */
  readonly isWithdrawalFound?: boolean
  /** The answer to a call before that one was lost. */
  readonly wasLost?: boolean
  /** The number of the Auto Scaling group, which has one instance. Default 1. */
  readonly desiredCapacity?: number
  /** Where the others run that the group has, which may start some in a and b; the one above runs in a. Default: none, and it may start some in a alone. */
  readonly others?: readonly string[]
  /** A person has resumed the rebalancing. */
  readonly isResumed?: boolean
  /** The Auto Scaling group does not show. */
  readonly isUnseen?: boolean
  /** The Node is gone too. */
  readonly isNodeGone?: boolean
  /** Nodes that the API server refuses to change. */
  readonly refuses?: readonly string[]
  /** What AWS answers the resumption of its rebalancing with. */
  readonly resume?: () => never
  /** What AWS answers a look with. */
  readonly look?: () => Result
  readonly reachable?: boolean
  readonly group?: Parameters<typeof aGroup>[0]
  readonly isGone?: boolean
  /** In how many passes the time of an attempt is over, and where: before AWS has shown what there is, or before the API server has answered for a Node. */
  readonly slow?: { readonly passes: number; readonly at: 'look' | 'release' }
  /** How many passes are held by a freeze. */
  readonly heldPasses?: number
  readonly annotations?: Record<string, string>
  /** The spec says nothing but that the group is watched. */
  readonly bare?: boolean
  /** EKS takes the call that takes the taint off, and then does not do it. */
  readonly updateFails?: boolean
  /** The process that asked for the taint died at once: it shows after so many seconds, if ever. */
  readonly taintShowsAfterS?: number
}

export interface Released {
  readonly done: readonly string[]
  /** The last words: those of the Events `Released`. */
  readonly note: string
  /** Every Event, the last ones included. */
  readonly notes: readonly string[]
  readonly passes: number
  /** Under which EKS was asked to take the taint off. */
  readonly tokens: readonly string[]
  /** What `Reconciling` said in each pass that waited. */
  readonly says: readonly string[]
  /** The audit lines. */
  readonly logged: readonly object[]
}

const freeze = { reason: 'Frozen', message: 'this object is frozen until 2026-11-21T07:00:00Z: nothing is changed in AWS or on nodes' } as const

/**
 * Passes of a release until the object goes, each two seconds after the one before.
 *
 * @throws Error when it does not go within 20.
 */
export async function releasing(given: Given): Promise<Released> {
  const done: string[] = []
  const says: string[] = []
  const events: { readonly reason: string; readonly note: string }[] = []
  const logged: object[] = []
  const log = createLogger({ level: 'info', destination: { write: (line: string) => void logged.push(JSON.parse(line) as object) } })
  const once = new OnceTokens({ id: () => 'once' })
  if (given.cannotHaveActed === true) once.make()
  if (given.wasLost === true) once.lose('i-1')
  const calls = new SentCalls()
  if (given.isWithdrawalFound !== true) calls.made('number', new Date(time))
  let known: EksNodeGroupStatus = structuredClone(given.status ?? status)
  const tags: Record<string, string> = {
    ...(known.rebalance === undefined ? {} : { 'tidegate.io/suspended': 'AZRebalance/u1' }),
    ...(known.withdrawal === undefined ? {} : { 'tidegate.io/protected': 'u1' }),
  }
  const tokens: string[] = []
  let made = 0
  let isOff = false
  const instance = { instanceId: 'i-1', zone: 'a', lifecycleState: given.lifecycleState ?? 'InService', protectedFromScaleIn: true, instanceType: 'm6i.large' }
  const others = (given.others ?? []).map((zone, index) => ({ instanceId: `i-${index + 2}`, zone, lifecycleState: 'InService', protectedFromScaleIn: false }))
  const scalingGroup = aScalingGroup({
    desiredCapacity: given.desiredCapacity ?? 1,
    instances: [...(given.isOutOfGroup === true ? [] : [instance]), ...others],
    suspendedProcesses: given.isResumed === true ? [] : ['AZRebalance'],
    tags,
    zones: given.others === undefined ? ['a'] : ['a', 'b'],
  })
  let taints: readonly (typeof taint)[] = [taint]
  const theNode = (): Node | undefined =>
    given.isNodeGone === true ? undefined : { metadata: { name: 'node-1', uid: 'n1', resourceVersion: '1' }, spec: { taints: [...taints] } }
  for (let passes = 1; passes <= 20; passes += 1) {
    const shows = !isOff && passes * 2 > (given.taintShowsAfterS ?? 0)
    const late = passes <= (given.slow?.passes ?? 0) ? given.slow?.at : undefined
    const limit = new AbortController()
    const begun = Date.parse(time) + passes * 2_000
    const arriveAt = (at: typeof late): void => (at === late ? limit.abort(new Error('no answer within 10000 ms')) : undefined)
    const passed = aPass({
      object: { annotations: given.annotations ?? {} },
      status: known,
      group: aGroup({ taints: shows ? [taint] : [], ...given.group }),
      scalingGroup: given.isUnseen === true ? undefined : scalingGroup,
      now: new Date(begun),
      nodeGroups: {
        updateConfig: async (_cluster, _name, change, { token }) => {
          done.push(`untaint ${change.taints?.remove[0]?.key ?? ''}`)
          tokens.push(token)
          isOff = given.updateFails !== true
          return 'update'
        },
        describeUpdate: async () => ({ id: 'update', state: 'Failed', errors: [{ code: 'Unknown', message: 'no' }] }),
      },
      scalingGroups: {
        describe: async () => [scalingGroup],
        protect: async (_name, ids, options) => void done.push(`protect ${String(options.protected)} ${ids.join()}`),
        resume: async (_name, processes) => {
          given.resume?.()
          done.push(`resume ${processes.join()}`)
        },
        untag: async (_name, [key = '']) => void delete tags[key],
      },
      nodes: {
        byName: (name) => (name === 'node-1' ? theNode() : undefined),
        byInstance: (id) => (id === 'i-1' ? theNode() : undefined),
        inGroup: () => [theNode() ?? []].flat(),
      },
      drain: {
        release: async ({ name }, { uid }, { signal }) => {
          arriveAt('release')
          signal.throwIfAborted()
          if (given.refuses?.includes(name) === true) throw new KubeError(403, 'Forbidden', 'a webhook says no')
          done.push(`release ${name} of ${uid}`)
          if (name === 'node-1') taints = []
          return { kind: 'gone' }
        },
      },
    })
    const bare = aWatchingSpec()
    const watched = { draft: { ...passed.draft, object: { ...passed.draft.object, spec: bare } }, spec: bare as ManagedEksNodeGroupSpec }
    const surroundings = {
      ...passed.surroundings,
      now: () => new Date(begun + (limit.signal.aborted ? 10_000 : 0)),
      newToken: () => `nonce-${(made += 1)}`,
      within: () => ({ signal: limit.signal, end: () => undefined }),
    }
    const pass: Pass = { ...passed, ...(given.bare === true ? watched : {}), once, calls, surroundings }
    const context = { ...pass.context, log, event: (event: { readonly reason: string; readonly note: string }) => void events.push(event) }
    const look = async (): Promise<Pass | Result> => {
      arriveAt('look')
      limit.signal.throwIfAborted()
      return given.look?.() ?? pass
    }
    const hold = passes <= (given.heldPasses ?? 0) ? freeze : undefined
    const target = given.reachable === false || hold !== undefined ? undefined : pass.target
    const about = { why: 'retained: it stays', hold, surroundings: pass.surroundings, name: 'workers', isGone: given.isGone === true }
    // oxlint-disable-next-line no-await-in-loop -- one pass after the other
    const result: FinalizeResult = await release(pass.draft, context, { ...about, target, look })
    known = pass.draft.status
    if (result.kind === 'finalized') {
      const notes = events.map((event) => event.note)
      const last = events.flatMap((event) => (event.reason === 'Released' ? [event.note] : []))
      return { done, note: last.join('. '), notes, passes, says, tokens, logged }
    }
    const { reason = '', message = '' } = pass.draft.conditions.compose(new Date(time), 1).find(({ type }) => type === 'Reconciling') ?? {}
    says.push(`${reason}: ${message}`)
  }
  throw new Error('the object does not go')
}
