import { AutoScalingClient, DescribeAutoScalingGroupsCommand, TerminateInstanceInAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import { EKSClient, ListClustersCommand } from '@aws-sdk/client-eks'
import { systemClock } from '../../src/lib/clock.ts'
import { type Call, account, credentialsOf, region } from './simulator.ts'

/** A third of the time it asks so often that AWS' rates leave next to nothing, then it is quiet; not in step with who tries again every 2 s. */
const busyMs = 600
const quietMs = 1_100
const everyMs = 25

const nobody = 'i-0fffffffffffffff0'

/**
 * Somebody else's scripts in the same account, whose rates are the account's: they poll EKS and Auto Scaling, and try to end an instance that is not there.
 * What comes back ends them.
 */
export function pollTheAccount(endpoint: string): () => Promise<void> {
  const config = { endpoint, region, credentials: credentialsOf(account), maxAttempts: 1 }
  const eks = new EKSClient(config)
  const scaling = new AutoScalingClient(config)
  const stop = new AbortController()
  const asked = new Set<Promise<unknown>>()
  const ask = (call: Promise<unknown>): void => {
    const answered = call.catch(() => undefined).finally(() => asked.delete(answered))
    asked.add(answered)
  }
  const poll = async (): Promise<void> => {
    for (let sinceMs = 0; !stop.signal.aborted; sinceMs = (sinceMs + everyMs) % (busyMs + quietMs)) {
      if (sinceMs < busyMs) {
        ask(eks.send(new ListClustersCommand({})))
        ask(scaling.send(new DescribeAutoScalingGroupsCommand({ MaxRecords: 1 })))
        ask(scaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: nobody, ShouldDecrementDesiredCapacity: false })))
      }
      await systemClock.sleep(everyMs)
    }
  }
  const polling = poll()
  return async () => {
    stop.abort()
    await polling
    await Promise.all(asked)
    eks.destroy()
    scaling.destroy()
  }
}

/** Whether a call is one of these scripts'. */
export function isOfScripts({ action, input }: Call): boolean {
  return action === 'ListClusters' || input['MaxRecords'] === 1 || input['InstanceId'] === nobody
}
