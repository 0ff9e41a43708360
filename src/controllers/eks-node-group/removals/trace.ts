import { remember } from '../operation.ts'
import type { Pass } from '../pass.ts'
import { nameOf } from './in-words.ts'
import type { Removal } from './removal.ts'

const ends = {
  Succeeded: { type: 'Normal', reason: 'NodeRemoved', words: 'is gone' },
  DrainFailed: { type: 'Warning', reason: 'DrainFailed', words: 'stays, since its drain failed' },
  GivenBack: { type: 'Normal', reason: 'NodeGivenBack', words: 'stays: our mark is off it' },
} as const

/** Leaves a trace of how a removal ended, in the history and as an Event, with who had asked for it. To be called once, when it has. */
export function traceEnd(
  { draft, context, surroundings }: Pick<Pass, 'draft' | 'context' | 'surroundings'>,
  one: Removal,
  outcome: keyof typeof ends,
  why?: string,
): void {
  const { orderUID, fieldManager } = one
  const asker = { ...(orderUID === undefined ? {} : { orderUID }), ...(fieldManager === undefined ? {} : { fieldManager }) }
  remember(draft.status, { operation: 'RemoveNode', from: nameOf(one), outcome, ...asker }, surroundings.now())
  const { words, ...event } = ends[outcome]
  context.event({ ...event, action: 'RemoveNode', note: `${nameOf(one)} ${words}${why === undefined ? '' : `: ${why}`}` })
}
