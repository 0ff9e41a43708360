import { parseScenario, type Scenario } from './scenario.ts'

/** The built-in scenario: one cluster over three zones. `src/simulator/scenarios/` has one as a file. */
export const demoScenario: Scenario = parseScenario({
  name: 'demo',
  account: '111122223333',
  region: 'us-west-2',
  vpcId: 'vpc-0a1b2c3d4e5f60000',
  subnets: [
    { id: 'subnet-0a1b2c3d4e5f60001', zone: 'us-west-2a' },
    { id: 'subnet-0a1b2c3d4e5f60002', zone: 'us-west-2b' },
    { id: 'subnet-0a1b2c3d4e5f60003', zone: 'us-west-2c' },
  ],
  roles: [
    {
      name: 'demo-node',
      policies: ['AmazonEKSWorkerNodePolicy', 'AmazonEKS_CNI_Policy', 'AmazonEC2ContainerRegistryPullOnly', 'AmazonSSMManagedInstanceCore'],
    },
    { name: 'demo-cluster', trustedServices: ['eks.amazonaws.com'], policies: ['AmazonEKSClusterPolicy'] },
  ],
  clusters: [{ name: 'demo', version: '1.36', subnets: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002', 'subnet-0a1b2c3d4e5f60003'] }],
})
