import { expect, test } from 'vitest'
import type { NodeGroup } from '../../../aws/eks/port.ts'
import { aGroup, aPass, aScalingGroup } from '../test-pass.ts'
import type { Report, SeenNodes } from '../pass.ts'
import { healthy } from './healthy.ts'
import { nodesReady } from './nodes-ready.ts'
import { provisioned } from './provisioned.ts'

const issue = { code: 'Ec2SecurityGroupDeletionFailure', message: 'in use', resourceIds: [] }
const none: SeenNodes = { running: 0, warm: 0, joined: 0, ready: 0, zones: [], notJoined: [], notReady: [], launchFailure: undefined }
const down: SeenNodes = { ...none, running: 1, joined: 1, notReady: [{ name: 'ip-1', reason: 'KubeletNotReady' }] }

const cases: Record<string, [Report, Partial<NodeGroup>, SeenNodes, string, string]> = {
  'a shortage of machines': [nodesReady, {}, { ...none, launchFailure: 'not today' }, 'NoCapacity', 'offer more instance types or zones in another group'],
  'a launch that AWS does not allow': [
    nodesReady,
    {},
    { ...none, launchFailure: 'You are not authorized to perform this operation. Launching EC2 instance failed.' },
    'LaunchBlocked',
    'allow AWSServiceRoleForAutoScaling .* It said: You are not authorized',
  ],
  'a launch template that AWS refuses': [
    nodesReady,
    {},
    { ...none, launchFailure: "The image id 'ami-4edb0327' does not exist. Launching EC2 instance failed." },
    'LaunchBlocked',
    "correct what AWS names .* spec.launchTemplate.version, .* It said: The image id 'ami-4edb0327'",
  ],
  'a type that the zone does not have': [
    nodesReady,
    {},
    { ...none, launchFailure: 'Your requested instance type (p5.48xlarge) is not supported in your requested Availability Zone (us-west-2d).' },
    'LaunchBlocked',
    'make another group with other types or subnets.* It said: Your requested instance type',
  ],
  'a Node that is down': [nodesReady, {}, down, 'NodeNotReady', 'look at kubectl describe node ip-1'],
  'what EKS names': [healthy, { state: 'Degraded', healthIssues: [issue] }, none, 'Degraded', `mend what EKS names, .*: ${issue.code}: in use`],
  'what EKS does not name': [healthy, { state: 'Degraded' }, none, 'Degraded', 'see aws eks describe-nodegroup --cluster-name demo --nodegroup-name workers'],
  'a creation that failed': [provisioned, { state: 'CreateFailed', healthIssues: [issue] }, none, 'CreateFailed', `mend what it names: ${issue.code}: in use`],
  'a deletion that failed': [
    provisioned,
    { state: 'DeleteFailed', healthIssues: [issue] },
    none,
    'DeleteFailed',
    'then delete this object and apply it again: .* drained first.*: in use',
  ],
  'a deletion that failed without a cause': [
    provisioned,
    { state: 'DeleteFailed' },
    none,
    'DeleteFailed',
    'remove what holds it, .* see aws eks describe-nodegroup',
  ],
}
test.each(Object.entries(cases))('P8: %s is told with what to do', (_, [report, group, nodes, reason, words]) => {
  const pass = aPass({ group: aGroup(group), scalingGroup: aScalingGroup() })
  report({ ...pass, seen: { ...pass.seen, nodes } })
  const { conditions } = pass.draft
  const said = (['Provisioned', 'NodesReady', 'Healthy'] as const).map((type) => conditions.get(type)).find((one) => one.reason === reason)
  expect(said?.message).toMatch(new RegExp(words))
})

test('a deletion that failed is promised no drain where there is none', () => {
  const { spec } = aPass({})
  const pass = aPass({ group: aGroup({ state: 'DeleteFailed' }), scalingGroup: aScalingGroup(), spec: { scaleDown: { ...spec.scaleDown, drain: 'None' } } })
  provisioned(pass)
  expect(pass.draft.conditions.get('Provisioned').message).toMatch(/delete this object and apply it again: it names nothing/)
})
