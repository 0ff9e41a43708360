import Type, { type TUnsafe } from 'typebox'
import type { Condition } from '../kube/objects.ts'
import { listMap, stringEnum, struct } from './schema.ts'

/** `metav1.Condition`, field for field, with its own limits (source: apimachinery pkg/apis/meta/v1/types.go). */
const condition = struct(
  {
    type: Type.String({ maxLength: 316, description: 'What the condition is about; True is good.' }),
    status: stringEnum(['True', 'False', 'Unknown'], { description: 'Whether it holds.' }),
    observedGeneration: Type.Optional(Type.Integer({ format: 'int64', minimum: 0, description: 'The generation of the spec that was looked at.' })),
    lastTransitionTime: Type.String({ format: 'date-time', description: 'When the status last flipped.' }),
    reason: Type.String({ minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$', description: 'A stable word for why.' }),
    message: Type.String({ maxLength: 32768, description: 'Why, for a person, with the next step.' }),
  },
  'One condition.',
)

/** Read-only for everybody but the runtime, which composes the list. */
const conditions: TUnsafe<readonly Condition[]> = Type.Unsafe<readonly Condition[]>(
  listMap(condition, ['type'], 16, { description: 'What holds and what does not; Ready sums it up.' }),
)

/** What every status begins with. */
export const statusBase = {
  observedGeneration: Type.Optional(Type.Integer({ format: 'int64', minimum: 0, description: 'The generation of the spec that was last looked at.' })),
  conditions: Type.Optional(conditions),
}
