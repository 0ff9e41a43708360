import { count, listAtomic, listMap, listSet, money, shaped, stringEnum, struct } from './schema.ts'

/** What the operator may do to the pods of a cluster at once, over all its groups and orders. */
export const budget = struct(
  {
    maxConcurrentDrains: count('Nodes that are drained at once; a node group that EKS updates counts as one.', { minimum: 1, maximum: 200, default: 5 }),
    evictionsPerSecond: count('Evictions a second.', { minimum: 1, maximum: 1000, default: 10 }),
  },
  'How fast nodes of this cluster are emptied.',
  { default: {} },
)

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

const window = struct(
  {
    days: listSet(stringEnum(days, { description: 'Day.' }), { minItems: 1, maxItems: 7 }, { description: 'Days on which the window opens.' }),
    start: shaped('^([01][0-9]|2[0-3]):[0-5][0-9]$', 'windows[].start must be a time of day such as "09:00"', { maxLength: 5 }, 'When it opens, HH:MM.'),
    end: shaped(
      '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
      'windows[].end must be a time of day such as "17:30", at the latest "24:00"',
      { maxLength: 5 },
      'When it closes, HH:MM; on the next day where that is not after start.',
    ),
  },
  'A window.',
  { rules: [{ rule: 'self.start != self.end', message: 'a window must not end when it starts: the whole day is 00:00 to 24:00' }] },
)

export const windows = listAtomic(
  window,
  { maxItems: 20 },
  {
    description: 'When drains and updates may start, in timeZone; what has started is finished. At any time when absent.',
  },
)

const price = struct(
  {
    instanceType: shaped('^[a-z][a-z0-9-]*(\\.[a-z0-9-]+)+$', 'prices[].instanceType must look like m6i.4xlarge', { maxLength: 64 }, 'Instance type.'),
    hourly: money('prices[].hourly', 'Price of one instance for an hour, a decimal string.'),
    currency: shaped('^[A-Z]{3}$', 'prices[].currency must have three capital letters, such as USD', { maxLength: 3 }, 'Currency.'),
  },
  'A price.',
)

export const prices = listMap(price, ['instanceType'], 200, { description: 'What instances cost; without it the cost of a group is Unknown.' })
