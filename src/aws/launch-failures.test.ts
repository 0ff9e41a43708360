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
    ["You've reached your quota for maximum Fleet Requests for this account. Launching EC2 instance failed.", 'QuotaExceeded', 'QuotaReached'],
    ['You have requested more instances (1) than your current instance limit of 0 allows for the specified instance type.', 'QuotaExceeded', 'QuotaReached'],
    ["InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'subnet-1'", 'NoCapacity', 'NoFreeAddresses'],
    ['Your requested instance type (p5.48xlarge) is not supported in your requested Availability Zone (us-west-2d).', 'Invalid', 'NotOfferedInZone'],
    ['UnauthorizedOperation - You are not authorized to perform this operation. Encoded authorization failure message: 3x', 'AccessDenied', 'AccessDenied'],
    ['You are not authorized to use launch template: lt-0a1b2c3d4e5f60001. Launching EC2 instance failed.', 'AccessDenied', 'AccessDenied'],
    ['Not authorized for images: [ami-0a1b2c3d]. Launching EC2 instance failed.', 'AccessDenied', 'AccessDenied'],
    ['Client.InternalError: Client error on launch', 'AccessDenied', 'AccessDenied'],
    ['Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state', 'AccessDenied', 'AccessDenied'],
    ["The image id 'ami-4edb0327' does not exist. Launching EC2 instance failed.", 'Invalid', 'LaunchTemplateRefused'],
    ["The security group 'sg-0a1b2c3d' does not exist. Launching EC2 instance failed.", 'Invalid', 'LaunchTemplateRefused'],
    ["The key pair 'ops' does not exist. Launching EC2 instance failed.", 'Invalid', 'LaunchTemplateRefused'],
    ['Could not launch On-Demand Instances. InvalidUserData.Malformed - Invalid BASE64 encoding of user data.', 'Invalid', 'LaunchTemplateRefused'],
    [
      'Could not launch On-Demand Instances. InvalidParameterCombination - The specified instance type is not eligible for Free Tier.',
      'Invalid',
      'LaunchTemplateRefused',
    ],
  ])('%s', (text, kind, reason) => {
    expect(launchFailure(text)).toEqual({ kind, reason })
  })

  it('says nothing of words it does not know', () => {
    expect(launchFailure('Launching a new EC2 instance: i-0123')).toBeUndefined()
    expect(launchFailure('AMI ami-4edb0327 is pending, and cannot be run. Launching EC2 instance failed.')).toBeUndefined()
  })
})
