import Type from 'typebox'
import type { ScalingGroup } from '../state.ts'
import { operation } from '../wire/operation.ts'
import { groupOf, page, validation } from './lookup.ts'
import { activityView, groupView } from './views.ts'

const closed = { additionalProperties: false } as const
const strings = Type.Array(Type.String())
const filters = Type.Array(Type.Object({ Name: Type.String(), Values: strings }, closed))

export const describeGroups = operation(
  'DescribeAutoScalingGroups',
  'read',
  Type.Object(
    {
      AutoScalingGroupNames: Type.Optional(strings),
      Filters: Type.Optional(filters),
      IncludeInstances: Type.Optional(Type.Boolean()),
      MaxRecords: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: Type.Optional(Type.String()),
    },
    closed,
  ),
  (input, { region }) => {
    const names = input.AutoScalingGroupNames ?? []
    const wanted = [...region.scalingGroups.values()].filter(
      (group) => (names.length === 0 || names.includes(group.name)) && passes(group, input.Filters ?? []),
    )
    const { items, next } = page(region, wanted, input.MaxRecords ?? 50, input.NextToken)
    return { AutoScalingGroups: items.map((group) => groupView(region, group, input.IncludeInstances ?? true)), NextToken: next }
  },
)

export const describeActivities = operation(
  'DescribeScalingActivities',
  'read',
  Type.Object(
    {
      AutoScalingGroupName: Type.Optional(Type.String()),
      ActivityIds: Type.Optional(strings),
      IncludeDeletedGroups: Type.Optional(Type.Boolean()),
      MaxRecords: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: Type.Optional(Type.String()),
    },
    closed,
  ),
  (input, { region }) => {
    const groups = input.AutoScalingGroupName === undefined ? [...region.scalingGroups.values()] : [groupOf(region, input.AutoScalingGroupName)]
    const all = groups
      .flatMap(({ activities }) => activities.toReversed())
      .filter(({ id }) => input.ActivityIds === undefined || input.ActivityIds.includes(id))
    const { items, next } = page(region, all, input.MaxRecords ?? 100, input.NextToken)
    return { Activities: items.map(activityView), NextToken: next }
  },
)

/** `tag:<key>`, `tag-key` and `tag-value`; the groups that pass every filter. */
function passes(group: ScalingGroup, wanted: readonly { readonly Name: string; readonly Values: readonly string[] }[]): boolean {
  return wanted.every(({ Name, Values }) => {
    if (Name.startsWith('tag:')) return Values.includes(group.tags[Name.slice(4)] ?? '')
    if (Name === 'tag-key') return Values.some((key) => key in group.tags)
    if (Name === 'tag-value') return Object.values(group.tags).some((value) => Values.includes(value))
    throw validation(`Invalid filter type: ${Name}`)
  })
}
