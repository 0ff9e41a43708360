import { assert, constantFrom, property, uuid } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stableText } from './stable-text.ts'

describe('stableText', () => {
  it.each([
    [
      "what EC2 said inside EKS' answer",
      "The subnet ID 'subnet-0df1b2a9355054a37' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: InvalidSubnetID.NotFound; Request ID: d74eea6b-fe44-4a72-a981-9b9dd4925902; Proxy: null)",
      "The subnet ID 'subnet-0df1b2a9355054a37' does not exist",
    ],
    ['the Java SDK of version 2', 'Busy (Service: Eks, Status Code: 409, Request ID: 0a1b, Extended Request ID: null)', 'Busy'],
    ['a RequestID at the end', 'Rate exceeded; RequestID: 942555e2-ecea-410a-af02-39fa33aefa90', 'Rate exceeded'],
    ['a request id with words around it', 'Failed, Request ID: 942555e2-ecea-410a-af02-39fa33aefa90. Try later', 'Failed. Try later'],
    ['an id in quotes', 'Failed (requestId="942555e2-ecea-410a-af02-39fa33aefa90")', 'Failed'],
    [
      'the blob of EC2',
      'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuMMCm-abc_1==',
      'You are not authorized to perform this operation.',
    ],
    ['a UUID that stands alone', 'Update 8ec3a1a5-1111-2222-3333-444455556666 failed', 'Update failed'],
    [
      'not a UUID inside a name',
      'Group eks-workers-54c1e2a2-1111-2222-3333-444455556666 not found',
      'Group eks-workers-54c1e2a2-1111-2222-3333-444455556666 not found',
    ],
    [
      'not a UUID inside an ARN',
      'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/54c1e2a2-1111-2222-3333-444455556666 is busy',
      'arn:aws:eks:us-west-2:111122223333:nodegroup/demo/workers/54c1e2a2-1111-2222-3333-444455556666 is busy',
    ],
    ['not what it says of instances', 'Instances i-0123 and i-0456 failed to join', 'Instances i-0123 and i-0456 failed to join'],
  ])('%s', (_, text, stable) => {
    expect(stableText(text)).toBe(stable)
  })

  it('gives the same text for the same fault, whatever the request id', () => {
    const forms: readonly ((id: string) => string)[] = [
      (id) => `Rate exceeded (Service: Eks; Status Code: 429; Request ID: ${id})`,
      (id) => `Rate exceeded. RequestID: ${id}`,
      (id) => `Rate exceeded, request id: ${id}`,
      (id) => `${id}: Rate exceeded`,
    ]
    assert(
      property(uuid(), uuid(), constantFrom(...forms), (one, other, form) => {
        expect(stableText(form(one))).toBe(stableText(form(other)))
      }),
    )
  })
})
