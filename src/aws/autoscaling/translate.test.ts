import { expect, test } from 'vitest'
import { activityOf } from './translate.ts'

const descriptions: Record<string, boolean> = {
  'Launching a new EC2 instance: i-1': true,
  'Launching a new EC2 instance.  Status Reason: We currently do not have sufficient capacity. Launching EC2 instance failed.': true,
  'Launching a new EC2 instance from warm pool: i-1': true,
  'Terminating EC2 instance: i-1': false,
  'Moving EC2 instance to Standby: i-1': false,
  'Moving EC2 instance out of Standby: i-1': false,
  'Attaching an existing EC2 instance: i-1': false,
  'Detaching EC2 instance: i-1': false,
  'Could not scale to desired capacity because all remaining instances are protected from scale-in.': false,
}
test.each(Object.entries(descriptions))('whether an activity is a launch: %s', (description, isLaunch) => {
  const raw = { ActivityId: 'a', AutoScalingGroupName: 'asg', Cause: '', StartTime: new Date(0), StatusCode: 'Successful', Description: description } as const
  expect(activityOf(raw).isLaunch).toBe(isLaunch)
})
