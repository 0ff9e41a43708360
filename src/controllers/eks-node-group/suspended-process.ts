import type { ScalingGroup } from '../../aws/autoscaling/port.ts'
import { resumeProcessLine } from './aws-lines.ts'

/** The processes whose suspension keeps a node group from its number: without them nothing comes, or nothing goes. */
type Process = 'Launch' | 'Terminate'

/**
 * What a person does about a process of the Auto Scaling group that is suspended; `undefined` where it runs. Never our own suspension: we suspend
 * `AZRebalance` alone. AWS suspends launches itself where none has worked for more than a day ("administrative suspension", EC2 Auto Scaling User Guide,
 * "Suspend and resume processes"), and does not resume them.
 */
export function suspendedInWords({ name, suspendedProcesses }: Pick<ScalingGroup, 'name' | 'suspendedProcesses'>, process: Process): string | undefined {
  if (!suspendedProcesses.includes(process)) return undefined
  const who = process === 'Launch' ? 'by somebody, or by AWS after a day without a launch that worked' : 'by somebody'
  return `process ${process} of Auto Scaling group ${name} is suspended, ${who}; to resume it: ${resumeProcessLine(name, process)}`
}
