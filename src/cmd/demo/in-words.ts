import type { CustomObject } from '../../kube/objects.ts'

export function isReady(object: CustomObject): boolean {
  return conditionOf(object, 'Ready')?.status === 'True'
}

/** What an object does or waits for, in one line; nothing while nobody has looked at it. */
export function inWords(object: CustomObject): string | undefined {
  const [ready, reconciling, stalled] = ['Ready', 'Reconciling', 'Stalled'].map((type) => conditionOf(object, type))
  if (object.metadata.deletionTimestamp !== undefined) {
    const why = stalled ?? reconciling
    return why === undefined ? 'being deleted' : `being deleted, ${why.reason}: ${why.message}`
  }
  if (ready === undefined) return undefined
  if (ready.status === 'True') return ready.message === '' ? 'Ready' : `Ready, ${ready.message}`
  const shown = stalled ?? reconciling ?? ready
  return `${shown === stalled ? 'Stalled, ' : ''}${shown.reason}${shown.message === '' ? '' : `: ${shown.message}`}`
}

/** A command stands on a line of its own, where it can be copied. */
export function commandApart(text: string): string {
  return text.replace(/ (kubectl [^;]+?)(?:; |$)/, '\n\n  $1\n\n').trimEnd()
}

function conditionOf({ status }: CustomObject, wanted: string) {
  return status?.conditions?.find(({ type }) => type === wanted)
}
