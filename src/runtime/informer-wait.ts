/**
 * Waits for a callback. `register` is given what resolves the wait, and gives what undoes the registration.
 *
 * Guarantees: rejects with the signal's reason; the registration is undone and no listener stays, however it ends.
 */
export async function waitUntil(signal: AbortSignal, register: (resolve: () => void) => () => unknown): Promise<void> {
  signal.throwIfAborted()
  let undo: (() => unknown) | undefined
  let onAbort: (() => void) | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => {
        // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
        reject(signal.reason)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      undo = register(resolve)
    })
  } finally {
    undo?.()
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
