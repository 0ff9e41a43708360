/** Lets timers, sockets and everything else that is ready run before we go on, so that a long loop does not hold the process up. */
export async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
