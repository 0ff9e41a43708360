import { expect } from 'vitest'
import { instanceOf } from '../../support/order.ts'
import { answersAboutCluster, answersToCreation } from './answers.ts'
import { type Given, type Givens, wantNextRelease, wantNodes } from './given.ts'

const refusedCreations: Givens = Object.fromEntries(
  Object.entries(answersToCreation).map(([given, answer]) => {
    const before: Given = async ({ cloud }, { key }) => await cloud.groupFault(key.name, { action: 'CreateNodegroup', effect: 'Error', ...answer })
    return [given, { before }]
  }),
)

const refusedClusters: Givens = Object.fromEntries(
  Object.entries(answersAboutCluster).map(([given, answer]) => {
    // Their clusters have the names of their TargetClusters: the fault is nobody else's.
    const before: Given = async ({ cloud }, { key }) =>
      await cloud.fault({ service: 'eks', action: 'DescribeCluster', match: { name: key.name }, effect: 'Error', ...answer })
    return [given, { before }]
  }),
)

/** What AWS refuses, by the words of an example's `# given:`. */
export const refusals: Givens = {
  ...refusedCreations,
  ...refusedClusters,
  'it is deleted, and something in AWS holds its security group': {
    after: async ({ cloud }, subject) => {
      await subject.ready()
      const code = 'Ec2SecurityGroupDeletionFailure'
      const heal = await cloud.groupFault(subject.key.name, { action: 'DeleteNodegroup', effect: 'FailLater', code, message: 'in use' })
      await subject.delete()
      return heal
    },
  },
  'the number is lowered, and the Auto Scaling group refuses to end the node': {
    after: async (stage, subject) => {
      await subject.ready()
      const [node] = await stage.nodesOf(subject.key.name)
      if (node === undefined) throw new Error(`${subject.key.name} has no node`)
      const heal = await stage.cloud.fault({
        service: 'autoscaling',
        action: 'TerminateInstanceInAutoScalingGroup',
        match: { InstanceId: instanceOf(node) },
        effect: 'Error',
        code: 'ValidationError',
        message: "Currently, desiredSize equals minSize (1). Terminating instance without replacement will violate group's min size constraint.",
      })
      await wantNodes(subject, 0)
      return heal
    },
  },
  'instances that do not come are taken back, and somebody has raised the minimum in AWS': {
    after: async (stage, subject) => {
      await subject.ready()
      const lift = await stage.cloud.fault({ effect: 'NoCapacity', match: { instanceType: 'c6i.4xlarge' } })
      await wantNodes(subject, 3)
      await subject.until((object) => expect(object.status).toMatchObject({ scaling: { desiredSize: 3 } }))
      const heal = await stage.cloud.refuseNumber(subject.key.name)
      await wantNodes(subject, 1)
      return async () => {
        await heal()
        await lift()
      }
    },
  },
  'another release is wanted, and EKS calls the group unhealthy': {
    after: async ({ cloud }, subject) => {
      await subject.ready()
      const heal = await cloud.groupFault(subject.key.name, {
        action: 'UpdateNodegroupVersion',
        effect: 'Error',
        code: 'InvalidRequestException',
        message: 'Nodegroup health has issues other than [ AsgInstanceLaunchFailures ]',
      })
      await wantNextRelease(subject)
      return heal
    },
  },
}
