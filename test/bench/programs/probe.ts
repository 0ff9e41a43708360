import { print, stallProbe } from './watched-cluster.ts'

/**
 * Runs beside the operator, in its process: a probe of the event loop. Loaded before the operator, with the operator's command line. Says `PROBE {…}`
 * at SIGUSR2, about the time since the last one.
 */
const probe = stallProbe()
process.on('SIGUSR2', () => {
  const { heapUsed, heapTotal, external } = process.memoryUsage()
  print(`PROBE ${JSON.stringify({ stall: probe.longest(), heapUsed, heapTotal, external })}`)
  probe.reset()
})
