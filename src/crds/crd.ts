import type { TObject } from 'typebox'
import type { Events } from './events.ts'
import type { Reasons } from './reasons.ts'
import type { Rule } from './schema.ts'
import { celRules, toStructural } from './structural.ts'

/** A printer column; priority 1 shows only with `-o wide`. */
interface Column {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly priority?: number
}

/** All that is known about one kind; its CRD, its field table and its runbooks come from here. */
export interface Kind {
  readonly kind: string
  readonly plural: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly shortNames: readonly string[]
  readonly description: string
  readonly spec: TObject
  readonly status: TObject
  /** Rules at the root: the only place where `self.metadata.name` can be seen. */
  readonly rules: readonly Rule[]
  readonly columns: readonly Column[]
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath: string }
  /** Verbs beyond those of Kubernetes that policies ask for, granted to people's roles. */
  readonly verbs?: readonly ('approve' | 'force')[]
  /** Condition types in the order in which `Ready` asks them. */
  readonly conditions: readonly string[]
  readonly reasons: Reasons
  readonly events: Events
}

export const group = 'tidegate.io'
export const version = 'v1alpha1'

/** Names become labels, cloud names and names of children: 63 less a suffix of eleven. */
export const nameRule: Rule = {
  rule: 'self.metadata.name.size() <= 52',
  message: 'metadata.name must have at most 52 characters: it becomes a label value and part of names in AWS',
}

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: object
}

/** The CustomResourceDefinition of a kind, ready to apply. Throws, with the path, what `toStructural` throws. */
export function toCrd(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      scope: kind.scope,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
        shortNames: kind.shortNames,
        categories: ['tidegate'],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {}, ...(kind.scale === undefined ? {} : { scale: kind.scale }) },
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: rootSchema(kind) },
        },
      ],
    },
  }
}

function rootSchema(kind: Kind): object {
  return {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    'x-kubernetes-validations': celRules(kind.rules),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: toStructural(kind.spec, 'spec'),
      status: toStructural(kind.status, 'status'),
    },
  }
}
