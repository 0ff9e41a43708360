import Type from 'typebox'
import type { ScalingGroup } from '../state.ts'
import { operation } from '../wire/operation.ts'
import { changeableGroup, page, validation } from './lookup.ts'
import { tagViews } from './views.ts'

const closed = { additionalProperties: false } as const
const resource = { ResourceId: Type.String({ minLength: 1 }), ResourceType: Type.Optional(Type.Literal('auto-scaling-group')) }
const key = Type.String({ minLength: 1, maxLength: 128 })

/** AWS' limit for a group (Auto Scaling user guide, "Tag naming and usage restrictions"). */
const most = 50

export const createOrUpdateTags = operation(
  'CreateOrUpdateTags',
  'write',
  Type.Object(
    {
      Tags: Type.Array(
        Type.Object({ ...resource, Key: key, Value: Type.Optional(Type.String({ maxLength: 256 })), PropagateAtLaunch: Type.Optional(Type.Boolean()) }, closed),
      ),
    },
    closed,
  ),
  (input, { region }) => {
    for (const { ResourceId, Key, Value = '', PropagateAtLaunch = false } of input.Tags) {
      const group = changeableGroup(region, ResourceId)
      if (Key.startsWith('aws:')) throw validation(`aws: prefixed tag key names are not allowed for external use: ${Key}`)
      if (!(Key in group.tags) && Object.keys(group.tags).length >= most) throw validation(`An Auto Scaling group may have at most ${most} tags.`)
      group.tags[Key] = Value
      if (PropagateAtLaunch) group.localTags.delete(Key)
      else group.localTags.add(Key)
    }
    return {}
  },
)

export const deleteTags = operation(
  'DeleteTags',
  'write',
  Type.Object(
    {
      Tags: Type.Array(Type.Object({ ...resource, Key: key, Value: Type.Optional(Type.String()), PropagateAtLaunch: Type.Optional(Type.Boolean()) }, closed)),
    },
    closed,
  ),
  (input, { region }) => {
    for (const { ResourceId, Key, Value } of input.Tags) {
      const group = changeableGroup(region, ResourceId)
      // with a value only the tag that has it goes
      if (Value === undefined || Value === '' || group.tags[Key] === Value) remove(group, Key)
    }
    return {}
  },
)

const tagFilters: Readonly<Record<string, (tag: ReturnType<typeof tagViews>[number]) => string>> = {
  'auto-scaling-group': ({ ResourceId }) => ResourceId,
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
  'propagate-at-launch': ({ PropagateAtLaunch }) => String(PropagateAtLaunch),
}

export const describeTags = operation(
  'DescribeTags',
  'read',
  Type.Object(
    {
      Filters: Type.Optional(Type.Array(Type.Object({ Name: Type.String(), Values: Type.Array(Type.String()) }, closed))),
      MaxRecords: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      NextToken: Type.Optional(Type.String()),
    },
    closed,
  ),
  (input, { region }) => {
    const all = [...region.scalingGroups.values()].flatMap(tagViews)
    const wanted = (input.Filters ?? []).reduce((left, { Name, Values }) => {
      const read = tagFilters[Name]
      if (read === undefined) throw validation(`Invalid filter type: ${Name}`)
      return left.filter((tag) => Values.includes(read(tag)))
    }, all)
    const { items, next } = page(region, wanted, input.MaxRecords ?? 50, input.NextToken)
    return { Tags: items, NextToken: next }
  },
)

function remove(group: ScalingGroup, name: string): void {
  const { [name]: _gone, ...rest } = group.tags
  group.tags = rest
  group.localTags.delete(name)
}
