/** A person agrees to the update that one generation of the object asks for; a policy lets only holders of `approve` set it (aws-rules B7). */
export const approveAnnotation = 'tidegate.io/approve-update'

export interface Approval {
  readonly approved: boolean
  /** What is wrong with a value that approves nothing; absent when there is none. */
  readonly complaint?: string
}

/** Whether the annotation approves this generation. What cannot be read, or names another one, approves nothing. */
export function approvalOf(value: string | undefined, generation: number): Approval {
  if (value === undefined) return { approved: false }
  if (!/^[1-9][0-9]{0,14}$/.test(value)) return { approved: false, complaint: `the value "${value.slice(0, 64)}" of ${approveAnnotation} is not a generation` }
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
