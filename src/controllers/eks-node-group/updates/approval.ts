import type { GroupDraft } from '../pass.ts'

/** A person agrees to the update that one generation of the object asks for; a policy lets only holders of `approve` set it (aws-rules B7). */
export const approveAnnotation = 'tidegate.io/approve-update'

export interface Approval {
  readonly approved: boolean
  /** What is wrong with a value that approves nothing; absent when there is none. */
  readonly complaint?: string
  /** It is told wherever it stands (unclear-annotations.ts): not only where an approval is missing. */
  readonly isUnreadable?: true
}

/**
 * What the object already carried when it came into being, as after a restore: its generations begin anew, so that the old word would one day approve
 * something that nobody has seen. `stored` is what the last pass found; `undefined` once somebody has changed the annotation.
 */
export function inheritedApproval(value: string | undefined, object: { readonly isNew: boolean; readonly stored: string | undefined }): string | undefined {
  if (value === undefined) return undefined
  const cut = value.slice(0, shown)
  return object.isNew || object.stored === cut ? cut : undefined
}

/** An approval that is older than the object approves nothing, also later. */
export function rememberInherited({ object, status }: GroupDraft): void {
  const isNew = object.status?.observedGeneration === undefined
  const inherited = inheritedApproval(object.metadata.annotations?.[approveAnnotation], { isNew, stored: status.inheritedApproval })
  if (inherited === undefined) delete status.inheritedApproval
  else status.inheritedApproval = inherited
}

/** As much of a value as is stored and shown. */
const shown = 64

/** Whether a value is no generation at all: it never approves anything, of any object. */
export function isUnreadable(value: string): boolean {
  return !/^[1-9][0-9]{0,14}$/.test(value)
}

/** Whether the annotation approves this generation. What cannot be read, names another one, or is `inherited`, approves nothing. */
export function approvalOf(value: string | undefined, generation: number, inherited?: string): Approval {
  if (value === undefined) return { approved: false }
  if (isUnreadable(value))
    return { approved: false, complaint: `the value "${value.slice(0, shown)}" of ${approveAnnotation} is not a generation`, isUnreadable: true }
  if (inherited === value)
    return { approved: false, complaint: `${approveAnnotation} was on the object from its beginning and approves nothing: remove it, then set it` }
  if (Number(value) === generation) return { approved: true }
  return { approved: false, complaint: `${approveAnnotation} approves generation ${value}, and the object is at ${generation}` }
}

/** The whole line that a person types. */
export function approveLine({
  name,
  namespace = 'default',
  generation = 0,
}: {
  readonly name: string
  readonly namespace?: string | undefined
  readonly generation?: number | undefined
}): string {
  return `kubectl annotate eksnodegroup ${name} -n ${namespace} --overwrite ${approveAnnotation}=${generation}`
}
