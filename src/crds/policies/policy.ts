import { group, version } from '../crd.ts'

/** The name under which the operator reaches the API server: that of its service account, wherever an installation puts it. */
export function operatorUser(releaseNamespace = 'tidegate-system', serviceAccount = 'tidegate-operator'): string {
  return `system:serviceaccount:${releaseNamespace}:${serviceAccount}`
}

/** What one refusal asks. All texts are for the person who is refused: the rule in words, and what to do instead. */
interface Validation {
  /** CEL; true lets the request pass. */
  readonly expression: string
  readonly message?: string
  /** CEL for a text with values of the request in it. */
  readonly messageExpression?: string
  readonly reason: 'Forbidden' | 'Invalid'
}

/** What may be done to objects of one kind beyond what their schema says: who asks counts, and what the status says. */
export interface Policy {
  readonly name: string
  /** One paragraph for whoever reads the file. */
  readonly description: string
  readonly plural: string
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]
  /** CEL expressions by name, in the order in which they may use each other. */
  readonly variables: Readonly<Record<string, string>>
  readonly validations: readonly Validation[]
}

/** CEL: whether the operator itself asks. */
export function isOperator(user: string): string {
  return `request.userInfo.username == ${JSON.stringify(user)}`
}

/** CEL: whether whoever asks holds `verb` on this very object. */
export function mayDo(verb: string, plural: string): string {
  return `authorizer.group('${group}').resource('${plural}').namespace(object.metadata.namespace).name(object.metadata.name).check('${verb}').allowed()`
}

/** CEL: an annotation of `subject`, the empty text when it is not there. */
export function annotation(subject: 'object' | 'oldObject', name: string): string {
  return `${subject}.metadata.?annotations[?'${name}'].orValue('')`
}

/**
 * The policy and its binding, ready to apply. Without `matchConditions`, which would let a request pass that they do not match, and closed when it
 * cannot be evaluated. Subresources are not matched: `/scale` and `/status` have rules of their own in RBAC.
 */
export function toManifests({ name, plural, operations, variables, validations }: Policy): readonly object[] {
  const apiVersion = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          matchPolicy: 'Equivalent',
          resourceRules: [{ apiGroups: [group], apiVersions: [version], operations, resources: [plural] }],
        },
        variables: Object.entries(variables).map(([variable, expression]) => ({ name: variable, expression })),
        validations,
      },
    },
    { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } },
  ]
}
