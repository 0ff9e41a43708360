import type { ScalingGroup, ScalingGroupsPort } from '../../aws/autoscaling/port.ts'
import type { NodeGroup, NodeGroupsPort } from '../../aws/eks/port.ts'
import type { EksNodeGroup } from '../../crds/eks-node-group.ts'
import { eksNodeGroupConditions } from '../../crds/eks-node-group-reasons.ts'
import { createLogger } from '../../observability/logger.ts'
import { ConditionSet } from '../../runtime/conditions.ts'
import type { ReconcileContext } from '../../runtime/reconciler.ts'
import { Agenda } from './agenda.ts'
import { aSpec } from './test-spec.ts'
import { tagsOfMark } from './ownership.ts'
import { EksLag } from './eks-lag.ts'
import { OnceTokens } from './removals/once.ts'
import { SentCalls } from './sent-calls.ts'
import { RefusedSettings } from './settings/refused-settings.ts'
import type { Pass } from './pass.ts'
import type { DrainPort, GroupTarget, GroupWithRole, NodesPort, SizePort } from './ports.ts'

const mark = { uid: 'u1', object: 'training/workers', cluster: 'mc' }

/** A node group as EKS tells it that bears the mark of `aPass`; for tests. */
export function aGroup(changed: Partial<NodeGroup> = {}): NodeGroup {
  const { subnetIds, nodeRoleArn } = aSpec()
  return {
    arn: 'arn:workers',
    name: 'workers',
    state: 'Active',
    scaling: { minSize: 1, maxSize: 10, desiredSize: 1 },
    subnetIds,
    nodeRoleArn,
    instanceTypes: [],
    capacityType: 'OnDemand',
    labels: {},
    taints: [],
    tags: tagsOfMark(mark),
    update: { maxUnavailable: 1 },
    autoScalingGroups: ['asg'],
    healthIssues: [],
    ...changed,
  }
}

/** The Auto Scaling group of `aGroup`; for tests. */
export function aScalingGroup(changed: Partial<ScalingGroup> = {}): ScalingGroup {
  return { name: 'asg', minSize: 1, maxSize: 10, desiredCapacity: 1, instances: [], suspendedProcesses: [], zones: [], tags: {}, ...changed }
}

/** A target without nodes; for tests. */
export const noNodes: NodesPort = {
  byInstance: () => undefined,
  byName: () => undefined,
  inGroup: () => [],
  outsideGroups: () => [],
  podsOn: () => 0,
  namesInGroup: async () => [],
  podsInTheWay: async () => [],
}

const unexpected = async (): Promise<never> => {
  throw new Error('this test gives no drain')
}

/** Fails when it is asked to change anything, and has a place for any update; for tests. */
export const noDrain: DrainPort = {
  drainNode: unexpected,
  release: unexpected,
  lastLook: unexpected,
  isolate: unexpected,
  outOfService: unexpected,
  mayForce: unexpected,
  updateWaitsFor: () => undefined,
  beginUpdate: () => true,
  forgetUpdate: () => undefined,
}

interface Given {
  readonly object?: Partial<EksNodeGroup['metadata']>
  readonly spec?: Parameters<typeof aSpec>[0]
  readonly status?: EksNodeGroup['status']
  readonly group?: NodeGroup | undefined
  readonly scalingGroup?: ScalingGroup | undefined
  readonly nodeGroups?: Partial<NodeGroupsPort>
  readonly scalingGroups?: Partial<ScalingGroupsPort>
  readonly sizes?: SizePort
  readonly nodes?: Partial<NodesPort>
  readonly drain?: Partial<DrainPort>
  readonly authenticationMode?: GroupTarget['authenticationMode']
  readonly clusterVersion?: string
  /** Other groups of the cluster. */
  readonly others?: readonly GroupWithRole[]
  /** A Cluster Autoscaler has discovered the group. */
  readonly autoscaled?: boolean
  readonly windows?: GroupTarget['windows']
  /** Hears the Events that are told. */
  readonly event?: ReconcileContext['event']
  readonly now?: Date
}

/** What the runtime gives to a reconciler fits here too. */
export type TestPass = Pass & { readonly context: ReconcileContext }

/** One pass over `training/workers` as its steps get it; for tests. AWS answers only what is given. */
export function aPass(given: Given = {}): TestPass {
  const { object, spec, status = {}, group, scalingGroup, nodeGroups = {}, scalingGroups = {}, now = new Date('2026-11-21T06:00:00Z') } = given
  const whole = aSpec(spec)
  const metadata = { name: 'workers', namespace: 'training', uid: mark.uid, resourceVersion: '1', ...object }
  return {
    draft: { object: { metadata, spec: whole }, status: structuredClone(status), conditions: new ConditionSet(eksNodeGroupConditions, []) },
    spec: whole,
    context: { signal: new AbortController().signal, log: createLogger({ level: 'silent' }), event: given.event ?? (() => undefined) },
    target: {
      clusterName: 'demo',
      clusterArn: 'arn:demo',
      clusterState: 'Active',
      clusterVersion: given.clusterVersion,
      authenticationMode: given.authenticationMode,
      listedGroups: [],
      prices: [],
      windows: given.windows ?? [],
      timeZone: 'UTC',
      nodes: { ...noNodes, ...given.nodes },
      drain: { ...noDrain, ...given.drain },
      autoscaler: { moves: async () => given.autoscaled ?? false },
      aws: { nodeGroups: nodeGroups as NodeGroupsPort, scalingGroups: { forget: () => undefined, ...scalingGroups } as ScalingGroupsPort },
    },
    seen: {
      group,
      scalingGroup,
      countsAt: now,
      nodes: { running: 0, warm: 0, joined: 0, ready: 0, zones: [], notJoined: [], notReady: [], launchFailure: undefined },
    },
    held: false,
    sizes: given.sizes ?? { setDesiredSize: async () => '2' },
    surroundings: {
      now: () => now,
      within: (_ms, signal) => ({ signal, end: () => undefined }),
      newToken: () => 'nonce',
      managementCluster: 'mc',
      holders: () => [],
      askHolders: async () => [],
      askObject: async (one) => one,
      livingOwner: () => undefined,
      groupsWithRole: () => given.others ?? [],
    },
    agenda: new Agenda(),
    once: new OnceTokens({ id: () => 'once' }),
    calls: new SentCalls(),
    eksLag: new EksLag(),
    refused: new RefusedSettings(),
    lateNodesStayEmpty: false,
    name: 'workers',
  }
}
