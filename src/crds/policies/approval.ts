import { annotation, isOperator, mayDo, type Policy } from './policy.ts'

const approve = 'tidegate.io/approve-update'
const mayApprove = mayDo('approve', 'eksnodegroups')

/** CEL: the same labels, or whatever else of the metadata a person can write. */
function unchanged(field: string, empty: string): string {
  return `object.metadata.?${field}.orValue(${empty}) == oldObject.metadata.?${field}.orValue(${empty})`
}

/** CEL: every annotation of `one` but the approval stands in `other` with the same value. */
function keptIn(one: 'object' | 'oldObject', other: 'object' | 'oldObject'): string {
  const annotations = `${one}.metadata.?annotations.orValue({})`
  return `${annotations}.all(key, key == '${approve}' || ${other}.metadata.?annotations[?key].orValue('') == ${annotations}[key])`
}

/**
 * An update that EKS runs cannot be stopped once started, and a person agrees to it (aws-rules B7). Whoever may approve and not otherwise change
 * the object holds `patch`, since there is no narrower right in Kubernetes; that it is used for the annotation alone is said here.
 */
export function approval(user: string): Policy {
  return {
    name: 'tidegate-approval',
    description:
      'The annotation tidegate.io/approve-update, and update.approval Automatic, start updates that EKS cannot stop: both need the verb approve on eksnodegroups. Who holds approve and patch without update may set that annotation and nothing else.',
    plural: 'eksnodegroups',
    operations: ['CREATE', 'UPDATE'],
    variables: {
      create: "request.operation == 'CREATE'",
      approved: annotation('object', approve),
      approvedBefore: `variables.create ? '' : ${annotation('oldObject', approve)}`,
      automatic: "object.spec.update.approval == 'Automatic'",
      automaticBefore: "!variables.create && oldObject.spec.update.approval == 'Automatic'",
      onlyApproves: `!variables.create && !(${isOperator(user)}) && ${mayApprove} && !${mayDo('update', 'eksnodegroups')}`,
      sameSpec: 'variables.create || object.spec == oldObject.spec',
      sameMetadata: `variables.create || (${unchanged('labels', '{}')} && ${unchanged('finalizers', '[]')} && ${unchanged('ownerReferences', '[]')})`,
      sameAnnotations: `variables.create || (${keptIn('object', 'oldObject')} && ${keptIn('oldObject', 'object')})`,
    },
    validations: [
      {
        expression: `variables.approved == '' || variables.approved == variables.approvedBefore || ${mayApprove}`,
        messageExpression:
          "'an update is approved by somebody who may: ' + request.userInfo.username + ' needs the verb approve on eksnodegroups (the role tidegate-approver has it) to set the annotation tidegate.io/approve-update'",
        reason: 'Forbidden',
      },
      {
        expression: `!variables.automatic || variables.automaticBefore || ${mayApprove}`,
        messageExpression:
          "'update.approval Automatic approves every later update: ' + request.userInfo.username + ' needs the verb approve on eksnodegroups (the role tidegate-approver has it); otherwise leave it Manual'",
        reason: 'Forbidden',
      },
      {
        expression: '!variables.onlyApproves || (variables.sameSpec && variables.sameMetadata && variables.sameAnnotations)',
        messageExpression:
          "request.userInfo.username + ' may approve updates, with the annotation tidegate.io/approve-update, and change nothing else of an EksNodeGroup: other changes need the verb update on eksnodegroups'",
        reason: 'Forbidden',
      },
    ],
  }
}
