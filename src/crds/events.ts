/** What a kind tells in an Event: what was done, and cannot be seen as a condition for long. */
interface EventEntry {
  /** `Either`: a Warning where somebody has to do something about it. */
  readonly type: 'Normal' | 'Warning' | 'Either'
  readonly when: string
  readonly remedy: string
}

/** By reason, in UpperCamelCase: stable words, as those of conditions are. */
export type Events = Readonly<Record<string, EventEntry>>

/** An Event as a controller of the kind may tell it: only its reasons, each with its type. */
export type EventOf<E extends Events> = {
  readonly [Reason in keyof E & string]: {
    readonly type: E[Reason]['type'] extends 'Either' ? 'Normal' | 'Warning' : E[Reason]['type']
    readonly reason: Reason
    /** What was done or tried. */
    readonly action: string
    /** For people; what is beyond 1 KiB is cut. */
    readonly note: string
  }
}[keyof E & string]

/** Of words that people wrote into annotations. */
export const annotationEvents = {
  AnnotationUnclear: {
    type: 'Warning',
    when: 'The value of an annotation means nothing, and does nothing.',
    remedy: 'Write it as the Event says, or remove it.',
  },
  FreezeUnclear: {
    type: 'Warning',
    when: 'A freeze cannot be read, or is more than 30 days ahead: it holds until somebody corrects it.',
    remedy: 'Write it as the Event says, or remove it.',
  },
} as const satisfies Events
