import { describe, expect, it } from 'vitest'
import { launchFailure } from './launch-failures.ts'

describe('launchFailure', () => {
  it.each([
    [
      'Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient p4d.24xlarge capacity in the Availability Zone you requested (us-west-2a).',
      'NoCapacity',
      'InsufficientCapacity',
    ],
    [
      'Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity due to your request configuration.',
      'NoCapacity',
      'InsufficientCapacity',
    ],
    ['The requested reservation does not have sufficient compatible and available capacity for this request.', 'NoCapacity', 'ReservationFull'],
    ['You have requested more vCPU capacity than your current vCPU limit of 32 allows', 'QuotaExceeded', 'QuotaReached'],
    ['Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded.', 'QuotaExceeded', 'QuotaReached'],
    ["InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'subnet-1'", 'NoCapacity', 'NoFreeAddresses'],
    ['Your requested instance type (p5.48xlarge) is not supported in your requested Availability Zone (us-west-2d).', 'Invalid', 'NotOfferedInZone'],
  ])('%s', (text, kind, reason) => {
    expect(launchFailure(text)).toEqual({ kind, reason })
  })

  it('says nothing of words it does not know', () => {
    expect(launchFailure('Launching a new EC2 instance: i-0123')).toBeUndefined()
  })
})
