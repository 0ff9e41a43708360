import Type from 'typebox'
import { count, listMap, type Rule, shaped, stringEnum, struct, text } from './schema.ts'

/** More than any group should grow to in one order without somebody saying so (aws-rules B10). */
const guard = 100

const removal = struct(
  {
    nodeUID: shaped(
      '^[0-9a-f-]{36}$',
      'removals[].nodeUID must be the UID of a Node',
      { maxLength: 64 },
      'UID of the Node: what is removed, whatever bears its name later.',
    ),
    nodeName: text(253, 'Name of the Node, for people.', { minLength: 1 }),
    providerID: text(256, 'providerID of the Node: which instance it is.', { minLength: 1 }),
    orderUID: shaped('^[0-9a-f-]{36}$', 'removals[].orderUID must be the UID of an order', { maxLength: 64 }, 'UID of the order that asks for it.'),
  },
  'A node that must leave this group.',
)

/** Bounds are looked at only when the number itself changes or comes: moving a bound past it is clamped and shown (WithinLimits), not refused. */
const insideBounds: Rule = {
  rule: '!has(self.desiredSize) || (oldSelf.hasValue() && has(oldSelf.value().desiredSize) && oldSelf.value().desiredSize == self.desiredSize) || (self.minSize <= self.desiredSize && self.desiredSize <= self.maxSize)',
  optionalOldSelf: true,
  message: 'desiredSize must lie between minSize and maxSize',
}

/** How many nodes, and which ones must leave. */
export const scaling = struct(
  {
    minSize: count('Least nodes.', { maximum: 1000, default: 0 }),
    maxSize: count('Most nodes.', { minimum: 1, maximum: 1000 }),
    desiredSize: Type.Optional(
      count('Nodes wanted. With sizeOwner Orders leave it out of files: kubectl scale and autoscalers of scale subresources write it.', {
        maximum: 1000,
      }),
    ),
    sizeOwner: stringEnum(['Spec', 'Orders', 'External'], {
      default: 'Orders',
      description:
        'Who decides desiredSize. Spec: the number here rules. Orders: kubectl scale, and orders, a kind that this version does not have yet. External: an autoscaler in AWS or the cluster; no number is sent.',
    }),
    allowLarge: Type.Boolean({ default: false, description: `Allows more than ${guard} nodes in minSize and desiredSize.` }),
    removals: Type.Optional(
      listMap(removal, ['nodeUID'], 200, {
        description:
          'Nodes that must leave. The operator writes them together with desiredSize, for orders, a kind that this version does not have yet; people never do.',
      }),
    ),
  },
  'How many nodes, and which ones must leave.',
  {
    rules: [
      { rule: 'self.minSize <= self.maxSize', message: 'minSize must not be above maxSize' },
      insideBounds,
      {
        rule: `self.allowLarge || (self.minSize <= ${guard} && (!has(self.desiredSize) || self.desiredSize <= ${guard}))`,
        message: `minSize and desiredSize above ${guard} need allowLarge: true, as a guard against typing errors`,
      },
      { rule: "self.sizeOwner != 'Spec' || has(self.desiredSize)", message: 'sizeOwner Spec needs desiredSize: the number in the spec rules' },
    ],
  },
)
