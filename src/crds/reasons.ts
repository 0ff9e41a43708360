/** Why a condition stands as it does: a stable word that people search for and runbooks are named after. */
interface ReasonEntry {
  /** The condition types that carry it. `Ready` repeats the reason of the first dependent that is not True, and of `Stalled`: it is named only where it has one of its own. */
  readonly conditions: readonly string[]
  /** Nothing moves on until a person does something: the reason has a runbook. */
  readonly needsPerson: boolean
  /** Not retried by time, only on an edit of the object. */
  readonly needsEdit?: boolean
  /** What happened and, where a person is needed, what to do; for the reason's page. */
  readonly meaning: string
}

export type Reasons = Readonly<Record<string, ReasonEntry>>

/** Reasons that any kind can show. */
export const commonReasons = {
  Pending: { conditions: [], needsPerson: false, meaning: 'Not looked at yet, or there is nothing to look at.' },
  Deleting: { conditions: ['Ready'], needsPerson: false, meaning: 'The object is being deleted.' },
  Ready: { conditions: ['Ready'], needsPerson: false, meaning: 'Everything that this kind promises holds.' },
  Suspended: {
    conditions: ['Paused'],
    needsPerson: false,
    meaning: 'spec.suspend of the object or of its TargetCluster holds every outside write back; the message names which.',
  },
  Frozen: {
    conditions: ['Paused'],
    needsPerson: false,
    meaning:
      'The annotation tidegate.io/frozen-until on the object, its TargetCluster or the release namespace holds every outside write back; the message says which and until when.',
  },
  SchemaTooOld: {
    conditions: ['Stalled'],
    needsPerson: true,
    meaning: 'The CRD in the cluster is older than the operator and does not know a field of the status, which therefore shows nothing new. Apply the CRDs.',
  },
  RetryingAfterError: {
    conditions: ['Reconciling'],
    needsPerson: false,
    meaning: 'A pass ended in an error, such as no answer from AWS; it is repeated with backoff, and the message names the error.',
  },
} as const satisfies Reasons
