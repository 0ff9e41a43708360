/** One call that is about to change something outside this process. */
export interface OutsideWrite {
  readonly system: 'kubernetes' | 'aws'
  /** Verb of the API server (`apply`, `patch`, `create`, `update`, `delete`, `evict`) or `service:Action` of AWS. */
  readonly action: string
  /** What it is about, for people and for the audit line: `eksnodegroups/status training/workers`, `demo/workers`. */
  readonly target: string
  /** The field manager of a write to Kubernetes. */
  readonly fieldManager?: string
}

/** Told how a write ended; it may hold the answer back (that is how a test loses one) but not change it. */
export type AfterWrite = (outcome: { readonly ok: boolean; readonly error?: unknown }) => Promise<void>

/**
 * The one hook before every outside write, given to the kube and aws clients by the composition root: leadership, freeze, audit line, and in
 * tests the kill point. Throwing refuses the write.
 */
export type BeforeWrite = (write: OutsideWrite, options: { readonly signal: AbortSignal }) => Promise<AfterWrite | undefined>
