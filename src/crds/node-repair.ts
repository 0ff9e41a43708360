import Type from 'typebox'
import { count, type Rule, struct } from './schema.ts'

const percent = { minimum: 1, maximum: 100 }

function oneLimit(limit: string): Rule {
  return {
    rule: `!has(self.${limit}Count) || !has(self.${limit}Percentage)`,
    message: `nodeRepair takes one of ${limit}Count, ${limit}Percentage, not both`,
  }
}

/** Node auto repair of EKS, with its own names and limits (API reference, NodeRepairConfig). */
export const nodeRepair = struct(
  {
    enabled: Type.Boolean({ default: false, description: 'EKS reboots or replaces nodes that it finds broken, without asking the operator.' }),
    maxUnhealthyNodeThresholdCount: Type.Optional(count('With more broken nodes than this, EKS repairs none.', { minimum: 1, maximum: 1000 })),
    maxUnhealthyNodeThresholdPercentage: Type.Optional(count('With a larger share of broken nodes than this, in percent, EKS repairs none.', percent)),
    maxParallelNodesRepairedCount: Type.Optional(count('Nodes that EKS repairs at once.', { minimum: 1, maximum: 1000 })),
    maxParallelNodesRepairedPercentage: Type.Optional(count('Share of the broken nodes that EKS repairs at once, in percent.', percent)),
  },
  'Node auto repair by EKS; its settings in AWS stay as they are when absent.',
  { rules: [oneLimit('maxUnhealthyNodeThreshold'), oneLimit('maxParallelNodesRepaired')] },
)
