import type { Condition } from '../kube/objects.ts'

/** For people: nothing is changed until this time (RFC 3339). On an object, its TargetCluster, or the release namespace. */
const freezeAnnotation = 'tidegate.io/frozen-until'

/** A freeze further away is taken for a typing error: it holds, and somebody is told. */
const longestMs = 30 * 24 * 3_600_000

const wantedForm = 'wanted is an RFC 3339 time at most 30 days away, such as 2026-01-31T18:00:00Z'

export interface Freeze {
  /** As it was read, fit for a message. */
  readonly value: string
  /** When it ends by itself; absent where the value tells no time: then it ends when somebody removes or corrects it. */
  readonly endsAt?: Date
  /** What is wrong with the value and which form is wanted; absent when nothing is. */
  readonly complaint?: string
}

/**
 * What the annotation says now; `undefined` when it is not there or its time is over. What cannot be read holds: people who tried to stop something
 * meant to stop it.
 */
export function freezeOf(annotations: Readonly<Record<string, string>> | undefined, now: Date): Freeze | undefined {
  const given = annotations?.[freezeAnnotation]
  if (given === undefined) return undefined
  const value = given.length > 64 ? `${given.slice(0, 64)}…` : given
  const endsAt = timeOf(given)
  if (endsAt === undefined) return { value, complaint: `${freezeAnnotation} is ${JSON.stringify(value)}, which is no time; ${wantedForm}` }
  const leftMs = endsAt.getTime() - now.getTime()
  if (leftMs <= 0) return undefined
  if (leftMs <= longestMs) return { value, endsAt }
  return { value, endsAt, complaint: `${freezeAnnotation} is ${JSON.stringify(value)}, which is too far away; ${wantedForm}` }
}

const shape = /^(\d{4})-(\d{2})-(\d{2})[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/

/** RFC 3339, section 5.6. `Date.parse` alone takes other forms too, and turns 30 February into March. */
function timeOf(text: string): Date | undefined {
  const parts = shape.exec(text)
  if (parts === null) return undefined
  const [year, month, day] = parts.slice(1, 4).map(Number) as [number, number, number]
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined
  const time = new Date(text.toUpperCase())
  return Number.isNaN(time.getTime()) ? undefined : time
}

/** Something that may hold an object's changes back: the object itself, its TargetCluster, the release namespace. */
export interface Holder {
  /** In a message: `this object`, `TargetCluster demo`, `namespace tidegate-system`. */
  readonly what: string
  readonly suspend: boolean
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** Why nothing may be changed now, fit for the condition `Paused`. */
export interface Hold {
  readonly reason: 'Suspended' | 'Frozen'
  /** Names everything that holds, and until when; nothing in it ticks. */
  readonly message: string
  /** When the first freeze ends by itself, if one does. */
  readonly endsInMs?: number
}

/** All that holds now, in the order given; `undefined` when nothing does. */
export function holdOf(holders: readonly Holder[], now: Date): Hold | undefined {
  const found = holders.flatMap(({ what, suspend, annotations }) => {
    const freeze = freezeOf(annotations, now)
    return [
      ...(suspend ? [{ reason: 'Suspended', text: `${what} is suspended (spec.suspend)`, freeze: undefined } as const] : []),
      ...(freeze === undefined ? [] : [{ reason: 'Frozen', text: `${what} is frozen ${inWords(freeze)}`, freeze } as const]),
    ]
  })
  const [first] = found
  if (first === undefined) return undefined
  const ends = found.flatMap(({ freeze }) => (freeze?.endsAt === undefined ? [] : [freeze.endsAt.getTime() - now.getTime()]))
  const remedy = found.some(({ freeze }) => freeze !== undefined) ? `. To end a freeze, remove the annotation ${freezeAnnotation} there` : ''
  return {
    reason: first.reason,
    message: `${found.map(({ text }) => text).join('; ')}: nothing is changed in AWS or on nodes${remedy}`,
    ...(ends.length === 0 ? {} : { endsInMs: Math.min(...ends) }),
  }
}

/**
 * What is wrong with the freezes of `holders` and does not stand in a condition `Paused` of the last pass: worth a Warning Event, which is so given
 * once and not in every pass.
 */
export function newComplaints(holders: readonly Holder[], before: readonly Condition[] | undefined, now: Date): readonly string[] {
  const said = before?.find(({ type }) => type === 'Paused')?.message ?? ''
  return holders.flatMap(({ what, annotations }) => {
    const complaint = freezeOf(annotations, now)?.complaint
    return complaint === undefined || said.includes(`${what} is frozen because ${complaint}`) ? [] : [`${what} is frozen because ${complaint}`]
  })
}

function inWords({ value, complaint }: Freeze): string {
  return complaint === undefined ? `until ${value}` : `because ${complaint}`
}

/** Whether what holds an object back may have changed between two versions of it or of another holder. */
export function holdMatters(now: HeldObject, before: HeldObject): boolean {
  return (
    now.metadata.annotations?.[freezeAnnotation] !== before.metadata.annotations?.[freezeAnnotation] ||
    (now.spec?.suspend === true) !== (before.spec?.suspend === true)
  )
}

interface HeldObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: { readonly suspend?: boolean }
}
