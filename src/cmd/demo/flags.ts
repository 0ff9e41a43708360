/** What `tidegate demo` was told. */
export interface DemoFlags {
  /** A cluster that somebody else runs; absent: one of our own. */
  readonly kubeconfig?: string
  readonly context?: string
  readonly yes?: boolean
  /** Simulated seconds per second. */
  readonly speed: number
}
