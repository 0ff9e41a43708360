import Type from 'typebox'
import { count, duration, type Rule, stringEnum, struct } from './schema.ts'

/** How nodes leave, whoever asks for it: a lower number, an order, the deletion of the group. */
export const scaleDown = struct(
  {
    drain: stringEnum(['Evict', 'None'], {
      default: 'Evict',
      description: 'Evict: pods are evicted before a node goes, disruption budgets are kept. None: nodes go with the pods on them; needs the verb force.',
    }),
    timeout: duration(
      'scaleDown.timeout',
      { atLeast: '1m', atMost: '168h', default: '1h' },
      'How long the drain of one node may take, from the moment it is isolated; onTimeout says what happens then.',
    ),
    onTimeout: stringEnum(['Wait', 'Fail', 'Force'], {
      default: 'Wait',
      description:
        'Wait: the drain goes on. Fail: the node is kept and takes pods again. Force: what is left is deleted, which needs the verb force and the opt-in role in the target.',
    }),
    azRebalance: stringEnum(['Suspend', 'Leave'], {
      default: 'Suspend',
      description:
        'Suspend: while nodes are removed by name from a group of several zones, or instances that have not arrived are withdrawn, and until the zones are even again, the Auto Scaling group does not rebalance its zones, which would end nodes that nobody drained.',
    }),
  },
  'How nodes leave.',
  { default: {} },
)

/** Settings of the updates that EKS runs, and who starts them. EKS takes 1 to 100 for both limits (API reference, NodegroupUpdateConfig). */
export const update = struct(
  {
    maxUnavailable: Type.Optional(count('Nodes that may be unavailable at once while EKS updates.', { minimum: 1, maximum: 100 })),
    maxUnavailablePercentage: Type.Optional(
      count('Share of the nodes that may be unavailable at once while EKS updates, in percent.', { minimum: 1, maximum: 100 }),
    ),
    strategy: Type.Optional(
      stringEnum(['Default', 'Minimal'], {
        description:
          'Default: EKS starts new nodes before it ends old ones. Minimal: it ends old ones first, for capacity that cannot grow. EKS keeps its own when absent.',
      }),
    ),
    approval: stringEnum(['Manual', 'Automatic'], {
      default: 'Manual',
      description:
        'Manual: an update of version, release or template waits for the annotation tidegate.io/approve-update. Automatic: it starts by itself; setting this needs the verb approve. A group with GPUs always waits.',
    }),
    force: Type.Boolean({
      default: false,
      description: 'EKS ends nodes whose pods it could not evict, against disruption budgets. Needs scaleDown.onTimeout Force and the verb force.',
    }),
  },
  'How version, release and template are updated.',
  {
    default: {},
    rules: [
      {
        rule: '!has(self.maxUnavailable) || !has(self.maxUnavailablePercentage)',
        message: 'update takes one of maxUnavailable, maxUnavailablePercentage, not both',
      },
    ],
  },
)

/** Two settings that mean the same must be said together: who forces an update forces the drains of the group as well (aws-rules B7). */
export const forceNeedsTimeout: Rule = {
  rule: "!self.update.force || self.scaleDown.onTimeout == 'Force'",
  message: 'update.force needs scaleDown.onTimeout Force: both end pods against their disruption budgets',
}
