/**
 * What can stand in the way of a local control plane. Each has a remedy, which stands in the message.
 *
 * `NoGo`, `GoTooOld`, `NoSpace`, `NoNetwork`, `BuildFailed`, `NoSources`: the binaries cannot be built. `BrokenAssets`: `KUBEBUILDER_ASSETS`
 * lacks something or holds what does not run. `DataDirInUse`, `PortTaken`: somebody else has it. `PartEnded`: a process ended by itself.
 * `NotReady`: one did not come up in time.
 */
export type LocalErrorKind =
  | 'NoGo'
  | 'GoTooOld'
  | 'NoSpace'
  | 'NoNetwork'
  | 'BuildFailed'
  | 'NoSources'
  | 'BrokenAssets'
  | 'DataDirInUse'
  | 'PortTaken'
  | 'PartEnded'
  | 'NotReady'

/** The message is one line for people: what is wrong, and what to do. Print it without the stack. */
export class LocalError extends Error {
  readonly kind: LocalErrorKind

  constructor(kind: LocalErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'LocalError'
    this.kind = kind
  }
}

export function isLocalError(error: unknown, ...kinds: readonly LocalErrorKind[]): error is LocalError {
  return error instanceof LocalError && (kinds.length === 0 || kinds.includes(error.kind))
}
