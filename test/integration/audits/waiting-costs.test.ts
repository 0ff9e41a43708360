import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { eksNodeGroups } from '../../../src/crds/eks-node-group.ts'
import { type TargetCluster, targetClusters } from '../../../src/crds/target-cluster.ts'
import type { CustomObject } from '../../../src/kube/objects.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { audited, isRead, operatorUser } from '../../support/audit.ts'
import { fastClock } from '../../support/fast-clock.ts'
import { runOperator } from '../../support/operator.ts'
import { measured } from '../../support/pulse.ts'
import type { Call } from '../../support/simulator.ts'
import type { Subject } from '../../support/subject.ts'
import { type Stage, openStage } from '../../support/world.ts'
import { type WaitingExample, bring, waitingExamples } from './waiting.ts'

const { signal } = new AbortController()

/** Twenty minutes of the operator's time in a minute; the API server's bookmarks and time-outs stay real. */
const speed = 20

/** It is about another EKS cluster behind the one API server, which has one TargetCluster: measured in a world of its own. */
const apart = 'eks-cluster-not-active.yaml'
/** Their window holds back what other examples begin. */
const last: ReadonlySet<string> = new Set(['drain-waiting-for-window.yaml', 'waiting-for-window.yaml'])
/** They wait for a quarter of an hour first. */
const first: ReadonlySet<string> = new Set(['not-joined.yaml', 'zones-uneven.yaml'])
const together = waitingExamples.filter(({ file }) => file !== apart).toSorted((a, b) => Number(first.has(b.file)) - Number(first.has(a.file)))

interface Costs {
  readonly logLines: number
  readonly statusWrites: number
  readonly awsCalls: number
}

const limit: Costs = { logLines: 5, statusWrites: 2, awsCalls: 2 }

/** What costs more, mostly since it asks AWS more often, and why. */
const more: Readonly<Record<string, Partial<Costs> & { readonly why: string }>> = {
  'not-found.yaml': { awsCalls: 6, why: 'a node group that somebody makes tells nobody: it is looked for every two minutes' },
  'role-not-found.yaml': { awsCalls: 4, why: 'the try every ten minutes looks whether the group is there, asks for it and looks again; two tries may fall in' },
  ...Object.fromEntries(
    [
      'access-denied.yaml',
      'clock-skewed.yaml',
      'cluster-not-found.yaml',
      'credentials-refused.yaml',
      'no-credentials.yaml',
      'quota-reached.yaml',
      'refused-by-aws.yaml',
      'role-not-trusted.yaml',
      'unsupported-zone.yaml',
    ].map((file) => [file, { awsCalls: 4, why: 'as role-not-found.yaml' }]),
  ),
  'subnet-not-found.yaml': { awsCalls: 4, why: 'as role-not-found.yaml' },
  'no-capacity.yaml': { awsCalls: 4, why: 'the group, and why no instance comes, are asked about every ten minutes; two of each may fall in' },
  'no-free-addresses.yaml': { awsCalls: 5, why: 'as no-capacity.yaml' },
  'already-exists.yaml': {
    awsCalls: 5,
    why: 'the try every ten minutes looks at the group and its counts, and the list of all groups at the group; two tries may fall in',
  },
  'owned-by-another.yaml': { awsCalls: 5, why: 'as already-exists.yaml' },
  'auto-scaling-group-not-found.yaml': { awsCalls: 6, why: 'as already-exists.yaml, and the counts of a group that no shared read shows' },
  'size-refused.yaml': { awsCalls: 10, why: 'as already-exists.yaml, and why none of the 101 instances comes' },
  'min-size-reached.yaml': {
    awsCalls: 12,
    why: 'the try every ten minutes looks at the group, and right before the call once more at its counts; two tries may fall in',
  },
  'size-out-of-bounds.yaml': { awsCalls: 16, why: 'as min-size-reached.yaml, and why the instances do not come' },
  'delete-failed.yaml': {
    awsCalls: 24,
    // EKS asked, at work, and giving up: three of each a try
    statusWrites: 6,
    logLines: 6,
    why: 'a node group that somebody deletes tells nobody: it is looked for every two minutes, with its counts; and two tries may fall in, each followed until EKS gives up',
  },
}

/** As `more`, of what targets ask about themselves. */
const moreOfTargets: Readonly<Record<string, { readonly awsCalls: number; readonly why: string }>> = {
  'cluster speechless': {
    awsCalls: 66,
    why: 'what does not answer is no refusal: it is tried every half minute, each time up to three times by the SDK, and heals by itself; one call a target',
  },
  'cluster keyless': {
    awsCalls: 22,
    why: 'credentials come by themselves, as on a node that has just begun: they are looked for every half minute, and no call leaves where the SDK finds none; one call a target',
  },
  'cluster waking': { awsCalls: 22, why: 'a cluster that EKS makes is there within minutes: it is looked at every half minute; one call a target' },
}

/** Their groups ask AWS nothing at all: they have no cluster, may not use it, or cannot reach it. */
const never: ReadonlySet<string> = new Set([
  'group-of-unreachable-cluster.yaml',
  'no-eks-cluster.yaml',
  'not-allowed-in-namespace.yaml',
  'reference-not-found.yaml',
  'role-not-allowed.yaml',
])

/** What targets asked about themselves, in sequence: of each EKS cluster, whose account it is, and for a role. With how many targets might have asked it. */
async function askedByTargets({ client, cloud }: Stage): Promise<ReadonlyMap<string, { readonly targets: number; readonly calls: readonly Call[] }>> {
  const { items } = await client.list<TargetCluster>(targetClusters, { signal })
  const calls = await cloud.allCalls()
  const callsOf = (wanted: string): readonly Call[] => calls.filter(({ action }) => action === wanted)
  const names = new Set(items.flatMap(({ spec }) => (spec.aws.roleArn === undefined ? (spec.eksClusterName ?? []) : [])))
  const clusters = [...names].map((name) => {
    const about = callsOf('DescribeCluster').filter(({ input }) => input['name'] === name)
    return [`cluster ${name}`, { targets: items.filter(({ spec }) => spec.eksClusterName === name).length, calls: about }] as const
  })
  const account = { targets: items.filter(({ spec }) => spec.aws.accountId !== undefined).length, calls: callsOf('GetCallerIdentity') }
  const role = { targets: items.filter(({ spec }) => spec.aws.roleArn !== undefined).length, calls: callsOf('AssumeRole') }
  return new Map([...clusters, ...Object.entries({ account, role })].filter(([, { targets }]) => targets > 0))
}

/** A moment of a run: what had been told and asked until then. */
interface Moment {
  readonly at: Date
  readonly lines: number
  readonly calls: number
}

interface Brought {
  readonly file: string
  readonly subject: Subject<CustomObject>
}

/** By file, or by what targets ask about: all costs of who is above a limit in one of them, and what the log said. */
type TooMuch = Readonly<Record<string, Partial<Costs> & { readonly told?: readonly string[] }>>

/** What cost more between two moments than it may, by file, or by what targets ask about. */
async function tooMuch(stage: Stage, brought: readonly Brought[], lines: readonly string[], [from, to]: readonly [Moment, Moment]): Promise<TooMuch> {
  const writes = (await audited(stage.plane.auditLog)).filter((request) => request.user === operatorUser && !isRead(request) && request.at <= to.at)
  // None about a target, whose calls name only the EKS cluster.
  const groups = brought.flatMap(({ subject: { key, resource } }) => (resource === eksNodeGroups ? key.name : []))
  const callsAbout = await stage.cloud.callsByGroup(groups)
  const over: Record<string, TooMuch[string]> = {}
  for (const { file, subject } of brought) {
    const { name, namespace } = subject.key
    const key = namespace === undefined ? name : `${namespace}/${name}`
    const own = writes.filter(({ target }) => target.endsWith(` ${key}`))
    // The API server's bookmarks come at real pace, so each watch of a fast clock is silent for too long.
    const isOwn = (line: string): boolean => (line.includes(` ${key}"`) || line.includes(`"${key}"`)) && !line.includes('"reason":"stalled"')
    const ownCalls = (subject.resource === eksNodeGroups ? (callsAbout.get(name) ?? []) : []).filter(({ sequence }) => sequence <= to.calls)
    const told = lines.slice(from.lines, to.lines).filter(isOwn)
    const costs: Costs = {
      logLines: told.length,
      statusWrites: own.filter(({ at }) => at >= from.at).length,
      awsCalls: ownCalls.filter(({ sequence }) => sequence > from.calls).length,
    }
    // Whoever counts none at all looks in the wrong place.
    const asks = subject.resource === eksNodeGroups && !never.has(file)
    const seen = own.length > 0 && lines.slice(0, to.lines).some(isOwn)
    expect({ file, seen, asks: ownCalls.length > 0 }).toEqual({ file, seen: true, asks })
    const allowed = { ...limit, ...more[file] }
    if ((Object.keys(limit) as (keyof Costs)[]).some((what) => costs[what] > allowed[what]))
      over[file] = { ...costs, told: told.map((line) => line.trim().slice(0, 300)) }
  }
  for (const [what, { targets, calls }] of await askedByTargets(stage)) {
    const until = calls.filter(({ sequence }) => sequence <= to.calls)
    expect({ what, seen: until.length > 0 }).toEqual({ what, seen: true })
    const awsCalls = until.filter(({ sequence }) => sequence > from.calls).length
    if (awsCalls > (moreOfTargets[what]?.awsCalls ?? targets * limit.awsCalls)) over[what] = { awsCalls }
  }
  return over
}

/**
 * At this speed the API server has half a second for a Lease, or to show a write, and a second and a half for an answer. Where a busy machine takes
 * longer, what is tried again costs more than it would: what was too much then is measured once more. Elsewhere it fails at once. Half of the half second:
 * a pass that evicts asks for more than a Lease in its three seconds, and an eviction alone may wait for half a second in the API server.
 */
const calmMs = 5_000 / speed

/** What cost too much in ten minutes of waiting. Of `phases` each is brought when the one before waits. */
async function measure(name: string, phases: readonly (readonly WaitingExample[])[]): Promise<TooMuch> {
  const stage = await openStage(name, { cloudSpeed: speed * 60, nodeGroups: waitingExamples.length })
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString())
      done()
    },
  })
  const operator = await runOperator({
    access: stage.plane.identities.operator,
    cloudUrl: stage.cloud.url,
    clock: fastClock(speed),
    log: createLogger({ level: 'info', destination }),
  })
  await stage.openNamespace('training')
  const brought: (Brought & { readonly arrived: () => Promise<void> })[] = []
  for (const phase of phases) {
    const waiting: typeof brought = []
    for (const example of phase) waiting.push({ file: example.file, ...(await bring(stage, example)) })
    for (const { arrived } of waiting) await arrived()
    brought.push(...waiting)
  }
  const now = async (): Promise<Moment> => ({ at: systemClock.now(), lines: lines.length, calls: (await stage.cloud.allCalls()).at(-1)?.sequence ?? 0 })
  const over = await measured(stage.client, {
    calmMs,
    // what brought them here, or was disturbed
    rest: async (attempt) => await systemClock.sleep((60_000 * attempt) / speed),
    measure: async () => {
      const from = await now()
      await systemClock.sleep(600_000 / speed)
      const to = await now()
      return async () => await tooMuch(stage, brought, lines, [from, to])
    },
    isGood: (found) => Object.keys(found).length === 0,
  })
  await operator.stop()
  await stage.close()
  return over
}

test('ten minutes of waiting cost at most 5 log lines, 2 status writes and 2 calls to AWS of its own', { timeout: 1_200_000 }, async () => {
  const atLast = together.filter(({ file }) => last.has(file))
  const phases = [together.filter(({ file }) => !last.has(file)), ...atLast.map((example) => [example])]
  expect(await measure('waiting-costs', phases)).toEqual({})
})

test('so do they for a cluster that EKS has not made yet', { timeout: 600_000 }, async () => {
  expect(await measure('waiting-costs-apart', [waitingExamples.filter(({ file }) => file === apart)])).toEqual({})
})
