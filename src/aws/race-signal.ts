/**
 * What `work` comes to, or the signal's reason as soon as it aborts; `work` then goes on unobserved.
 *
 * Leaves no listener behind, and a rejection of `work` after the abort is not an unhandled one.
 */
export async function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      // oxlint-disable-next-line prefer-promise-reject-errors -- the caller's own reason is the best error
      reject(signal.reason)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}
