import type { CustomObject } from '../kube/objects.ts'
import type { Resource } from '../kube/resource.ts'
import { group, type Kind, nameRule, version } from './crd.ts'
import type { Rule } from './schema.ts'
import { type EksNodeGroupEvent, eksNodeGroupEvents } from './eks-node-group-events.ts'
import { eksNodeGroupConditions, eksNodeGroupReasons } from './eks-node-group-reasons.ts'
import { type EksNodeGroupSpec, eksNodeGroupSpec, type ManagedEksNodeGroupSpec } from './eks-node-group-spec.ts'
import { type EksNodeGroupOperation, type EksNodeGroupStatus, eksNodeGroupStatus } from './eks-node-group-status.ts'

export type { EksNodeGroupEvent, EksNodeGroupOperation, EksNodeGroupSpec, EksNodeGroupStatus, ManagedEksNodeGroupSpec }
export type EksNodeGroup = CustomObject<EksNodeGroupSpec, EksNodeGroupStatus>

export const eksNodeGroups = { group, version, plural: 'eksnodegroups', kind: 'EksNodeGroup', namespaced: true } as const satisfies Resource

/** The one character that Kubernetes takes in a name and EKS does not (CreateNodegroup, nodegroupName). */
const groupNameRule: Rule = {
  rule: "has(self.spec.nodeGroupName) || !self.metadata.name.contains('.')",
  message: 'metadata.name must not hold a dot when nodeGroupName is absent: it is then the name in EKS, which takes letters, digits, - and _ only',
}

export const eksNodeGroupKind: Kind = {
  kind: eksNodeGroups.kind,
  plural: eksNodeGroups.plural,
  scope: 'Namespaced',
  shortNames: ['eng'],
  description: 'One EKS managed node group.',
  spec: eksNodeGroupSpec,
  status: eksNodeGroupStatus,
  rules: [nameRule, groupNameRule],
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Nodes', type: 'string', jsonPath: '.status.nodes.summary' },
    // What people asked for: while nodes leave the number in AWS is still the one from before. Not that of the spec, which does not always rule.
    { name: 'Desired', type: 'integer', jsonPath: '.status.wantedSize' },
    { name: 'Min', type: 'integer', jsonPath: '.spec.scaling.minSize' },
    { name: 'Max', type: 'integer', jsonPath: '.spec.scaling.maxSize' },
    { name: 'In AWS', type: 'integer', jsonPath: '.status.scaling.desiredSize', priority: 1 },
    { name: 'State', type: 'string', jsonPath: '.status.state', priority: 1 },
    { name: 'Version', type: 'string', jsonPath: '.status.version', priority: 1 },
    { name: 'Target', type: 'string', jsonPath: '.spec.targetClusterRef.name', priority: 1 },
    { name: 'Message', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  scale: { specReplicasPath: '.spec.scaling.desiredSize', statusReplicasPath: '.status.nodes.running', labelSelectorPath: '.status.selector' },
  verbs: ['approve', 'force'],
  conditions: eksNodeGroupConditions,
  reasons: eksNodeGroupReasons,
  events: eksNodeGroupEvents,
}
