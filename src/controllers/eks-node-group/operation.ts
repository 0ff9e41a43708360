import type { EksNodeGroupOperation as Operation, EksNodeGroupStatus } from '../../crds/eks-node-group.ts'
import { rfc3339 } from '../../runtime/conditions.ts'

/** EKS answers a repeated client token with the first answer; an intent older than this is not re-sent, the world is read first (aws-rules A1). */
const intentLifeMs = 7 * 3_600_000

/** An attempt of a call whose answer nobody read, of this process or of one that died, has arrived after this time, or never will: the SDK gives each 15 s. */
export const lostCallMs = 20_000

/** A new intent. `attempt` counts on while the same thing is tried again. */
export function intend(
  kind: Operation['kind'],
  paramsHash: string,
  options: {
    readonly token: string
    readonly now: Date
    readonly before?: Operation | undefined
    readonly from?: string
    readonly to?: string
    /** Who asked for it, for the history; another attempt has it from the one before. */
    readonly fieldManager?: string | undefined
  },
): Operation {
  const { token, now, before, from, to } = options
  const again = before?.kind === kind && before.paramsHash === paramsHash ? before : undefined
  const fieldManager = options.fieldManager ?? again?.fieldManager
  return {
    kind,
    paramsHash,
    token,
    attempt: (again?.attempt ?? 0) + 1,
    startedAt: rfc3339(now),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(fieldManager === undefined ? {} : { fieldManager }),
  }
}

/** Whether the stored intent is for exactly this act, and young enough to be sent with its token. */
export function isIntended(operation: Operation | undefined, kind: Operation['kind'], paramsHash: string, now: Date): operation is Operation {
  return operation !== undefined && operation.kind === kind && operation.paramsHash === paramsHash && ageMs(operation, now) < intentLifeMs
}

export function ageMs(operation: Operation, now: Date): number {
  return now.getTime() - Date.parse(operation.startedAt)
}

/** How old an intent must be before it is sent: from its own time, since any write of the status wakes the object at once. */
export function retryDelayMs({ attempt }: Operation): number {
  return attempt === 1 ? 0 : Math.min(600_000, 15_000 * 2 ** (attempt - 1))
}

/** Another attempt at the settings waits for its time: nothing is on its way, and other things may be done meanwhile. */
export function isResting(operation: Operation | undefined, now: Date): boolean {
  return operation?.kind === 'UpdateConfig' && operation.updateId === undefined && ageMs(operation, now) < retryDelayMs(operation)
}

type HistoryEntry = NonNullable<EksNodeGroupStatus['history']>[number]

/** Adds what ended to the history, which keeps the last ten. */
export function remember(status: Pick<EksNodeGroupStatus, 'history'>, entry: Omit<HistoryEntry, 'time'>, now: Date): void {
  status.history = [...(status.history ?? []), { time: rfc3339(now), ...entry }].slice(-10)
}

/** Ends the operation that is under way: into the history, and off the status. */
export function conclude(status: Pick<EksNodeGroupStatus, 'operation' | 'history'>, outcome: string, now: Date): void {
  const { operation } = status
  if (operation === undefined) return
  const { kind, from, to, fieldManager } = operation
  const asked = fieldManager === undefined ? {} : { fieldManager }
  remember(status, { operation: kind, outcome, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), ...asked }, now)
  delete status.operation
}

const failed = 'Failed'

/** The outcome of what EKS gave up: `Failed: ` and why, as long as an outcome may be. */
export function failure(why: string): string {
  return `${failed}: ${why}`.slice(0, 64)
}

export function isFailure(outcome: string | undefined): boolean {
  return outcome?.startsWith(failed) === true
}

/** That it is tried again, and how the last attempt of its kind ended where EKS gave that up: fit to follow what is tried. */
export function retriedInWords({ history = [] }: Pick<EksNodeGroupStatus, 'history'>, kind: Operation['kind']): string {
  const outcome = history.findLast(({ operation }) => operation === kind)?.outcome
  return isFailure(outcome) ? `did not work (${outcome}); it is tried again with growing delays` : 'is tried again with growing delays'
}
