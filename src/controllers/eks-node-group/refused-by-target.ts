import { firstNames } from '../../lib/first-names.ts'
import type { Hold } from '../../runtime/freeze.ts'
import { type Result, TerminalError, requeueAfter } from '../../runtime/reconciler.ts'
import { mayBeMarked } from './deletion/standing.ts'
import { FreeGate, NotFreeError } from './free-gate.ts'
import { endedBy, waitWhileHeld } from './holder.ts'
import { restMs } from './pace.ts'
import type { GroupContext, GroupDraft } from './pass.ts'
import type { Surroundings, TargetsPort } from './ports.ts'
import { nameOf } from './removals/in-words.ts'
import { marksOfRemovals, releaseMarks } from './removals/release-marks.ts'
import type { Removal } from './removals/removal.ts'
import { serverRefusal } from './removals/server-refusal.ts'
import { traceEnd } from './removals/trace.ts'

const mostNamed = 5
const stillIsolatedWords = '. Still isolated, since AWS may have been asked to end them: '

interface Options {
  readonly hold: Hold | undefined
  readonly refusal: { readonly reason: string; readonly message: string }
  readonly targets: TargetsPort
  readonly surroundings: Surroundings
}

/**
 * The target does not let the object use it: nobody looks at its group. Where that was allowed before, drains have begun that nobody would end, each in a place of
 * the whole target's budget: our marks come off the nodes that AWS was not asked to end, and what the spec says of them is judged anew once it is allowed again. Those
 * that it may have been asked to end are named: they stay isolated, though the call may never have been sent. AWS is neither asked nor told anything. Throws the
 * refusal; a result where a node is still to be given back. Errors: `KubeError` where the target, or the management API, does not answer.
 */
export async function refusedByTarget(draft: GroupDraft, context: GroupContext, options: Options): Promise<Result> {
  const { hold, refusal, targets, surroundings } = options
  const { object, status, conditions } = draft
  const { removals = [] } = status
  const begun = removals.filter(isToGiveBack)
  if (begun.length === 0) throw new TerminalError(refusal.reason, withGivenBack(draft, refusal))
  const still = stillIsolated(removals)
  const yet = `${refusal.message}. Not given back yet: ${namesOf(begun)}`
  conditions.stalled(refusal.reason, `${hold === undefined ? yet : `${yet}: ${hold.message}`}${still}`)
  if (hold !== undefined) return waitWhileHeld(draft, hold, { unfinished: false })
  const found = targets.find(object.spec.targetClusterRef.name, 'CleanUp')
  // What makes it answer again wakes the object.
  if (found.state !== 'ready') throw new TerminalError(refusal.reason, `${yet} (${found.reason})${still}`)
  const gate = new FreeGate({ draft, context, surroundings })
  const gated = { target: found.target, context: { ...context, confirm: gate.confirm } }
  try {
    const stuck = new Map((await releaseMarks(marksOfRemovals(object, begun), gated)).map(({ one, error }) => [one.removal, whyStuck(one.removal, error)]))
    const given = begun.filter((one) => !stuck.has(one))
    for (const one of given.filter(hasBegun)) traceEnd({ draft, context, surroundings }, one, 'GivenBack', refusal.message)
    store(
      status,
      removals.filter((one) => !given.includes(one)).map((one) => stuck.get(one) ?? one),
    )
    const [first] = stuck.values()
    if (first === undefined) {
      const told = `${givenBack(refusal)}${namesOf(given)}${still}`
      conditions.setFalse('InSync', 'RemovalRefused', told)
      throw new TerminalError(refusal.reason, told)
    }
    conditions.stalled(refusal.reason, `${refusal.message}. Not given back yet: ${namesOf([...stuck.keys()])}: ${first.message}${still}`)
    return requeueAfter(restMs)
  } catch (error) {
    // Somebody holds the object back by now, or it asks for something else, or nobody says so.
    if (error instanceof NotFreeError) return endedBy(draft, error.cause)
    throw error
  }
}

/** Our mark may stand, and AWS was not asked. Of a drain that failed it is off, and the entry says that it is not tried again. */
function isToGiveBack(one: Removal): boolean {
  return mayBeMarked(one) && one.state !== 'Removing' && one.drain?.step !== 'Failed'
}

/** Nobody says whether that call was sent: another process may have stored it. */
function stillIsolated(removals: readonly Removal[]): string {
  const asked = removals.filter((one) => one.state === 'Removing' && hasBegun(one))
  return asked.length === 0 ? '' : `${stillIsolatedWords}${namesOf(asked)}`
}

function hasBegun({ drain }: Removal): boolean {
  return drain?.isolatedAt !== undefined
}

function whyStuck(one: Removal, error: unknown): Removal {
  return { ...one, message: serverRefusal(error, one.message) ?? one.message }
}

function store(status: GroupDraft['status'], removals: readonly Removal[]): void {
  if (removals.length === 0) delete status.removals
  else status.removals = [...removals]
}

function namesOf(removals: readonly Removal[]): string {
  return firstNames(removals.map(nameOf), mostNamed)
}

function givenBack({ message }: Options['refusal']): string {
  return `${message}. What was leaving has been given back: `
}

/** What an earlier pass said of the same refusal stays. */
function withGivenBack({ object, status }: GroupDraft, refusal: Options['refusal']): string {
  const [before] = object.status?.conditions?.find(({ type }) => type === 'Stalled')?.message.split(stillIsolatedWords) ?? []
  return `${before?.startsWith(givenBack(refusal)) === true ? before : refusal.message}${stillIsolated(status.removals ?? [])}`
}
