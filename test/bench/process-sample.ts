import { readFile } from 'node:fs/promises'

/** What Linux says about a process (proc(5)). */
export interface ProcessSample {
  readonly rssMiB: number
  /** The most that it ever had. */
  readonly peakMiB: number
  /** Processor time so far, in user and system mode. */
  readonly cpuSeconds: number
}

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Errors: the file system's, when there is no such process, or no `/proc`. */
export async function sampleProcess(pid: number): Promise<ProcessSample> {
  const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8')])
  // the name in parentheses may hold spaces
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024
  return { rssMiB: mib('VmRSS'), peakMiB: mib('VmHWM'), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond }
}
