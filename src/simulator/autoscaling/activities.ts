import type { Region } from '../region.ts'
import type { ScalingActivity, ScalingGroup } from '../state.ts'

/** Auto Scaling remembers six weeks; here the newest of each group. */
const kept = 1000

/** Begins an activity in the words of Auto Scaling (`At 2026-11-21T10:00:00Z …`). */
export function record(region: Region, group: ScalingGroup, description: string, why: string): ScalingActivity {
  const startedAt = region.clock.now()
  const activity: ScalingActivity = {
    id: region.random.id(),
    group: group.name,
    description,
    cause: `At ${startedAt.toISOString().replace(/\.\d+Z$/, 'Z')} ${why}.`,
    startedAt,
    endedAt: undefined,
    statusCode: 'InProgress',
    statusMessage: undefined,
    progress: 50,
  }
  group.activities.push(activity)
  if (group.activities.length > kept) group.activities.shift()
  return activity
}

export function finish(region: Region, activity: ScalingActivity, statusCode: 'Successful' | 'Failed', statusMessage?: string): void {
  activity.statusCode = statusCode
  activity.statusMessage = statusMessage
  activity.endedAt = region.clock.now()
  activity.progress = 100
}
