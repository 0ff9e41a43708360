import Type from 'typebox'
import { matches, type Rule, shaped, struct } from './schema.ts'

/** Fields that several kinds have. */
export const targetClusterRef = struct(
  {
    name: shaped(
      '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      'targetClusterRef.name must be the name of a TargetCluster: lower case letters, digits, - and .',
      { maxLength: 52 },
      'Name of the TargetCluster.',
    ),
  },
  'The TargetCluster whose nodes these are.',
)

export const suspend = Type.Boolean({
  default: false,
  description: 'While true nothing is changed in AWS or on nodes; conditions still say what is there.',
})

const qualifiedName = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'

/** Shape of a label or taint key, in words. `subject` is a CEL expression for the key. */
export function labelKey(subject: string): Rule {
  return matches(subject, qualifiedName, 'a key is a name of letters, digits, - _ and ., with a DNS prefix and / before it if wanted')
}

export const labelValuePattern = '^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$'

/** Account, region and ids as AWS writes them. */
export const roleArnPattern = '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$'
