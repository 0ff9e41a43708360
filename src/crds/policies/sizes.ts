import { isOperator, type Policy } from './policy.ts'

/**
 * Under `sizeOwner: Orders` the number may stand in the first apply and nowhere after: the same file applied again would look like a person who
 * lowered the number, and drain nodes at each Git sync (kinds.md, EksNodeGroup). A change of the owner may bring or take a number.
 */
export function desiredSize(user: string): Policy {
  return {
    name: 'tidegate-desired-size',
    description: 'Under scaling.sizeOwner Orders, scaling.desiredSize is moved by the scale subresource, not by the object itself.',
    plural: 'eksnodegroups',
    operations: ['UPDATE'],
    variables: {
      ordersOwn: "object.spec.?scaling.?sizeOwner.orValue('') == 'Orders' && oldObject.spec.?scaling.?sizeOwner.orValue('') == 'Orders'",
      number: 'object.spec.?scaling.?desiredSize.orValue(-1)',
      before: 'oldObject.spec.?scaling.?desiredSize.orValue(-1)',
      scale: "'kubectl scale eksnodegroup ' + object.metadata.name + ' -n ' + object.metadata.namespace + ' --replicas='",
      // Else a client-side apply goes in a circle: with the line it sends an old number, and without the line it takes the number out.
      forget: "'To take the line out of a file that kubectl apply has sent: take it out, run kubectl apply set-last-applied -f FILE, then apply the file'",
    },
    validations: [
      {
        expression: `!variables.ordersOwn || variables.number == variables.before || variables.number == -1 || ${isOperator(user)}`,
        messageExpression:
          "'sizeOwner is Orders: leave desiredSize out of the file; to move it, use ' + variables.scale + string(variables.number) + ', or set sizeOwner: Spec. ' + variables.forget",
        reason: 'Invalid',
      },
      {
        expression: `!variables.ordersOwn || variables.number == variables.before || variables.number != -1 || ${isOperator(user)}`,
        messageExpression:
          "'sizeOwner is Orders: desiredSize (' + string(variables.before) + ' now) is not taken out of the object; to move it, use ' + variables.scale + string(variables.before) + ', or set sizeOwner: Spec. ' + variables.forget",
        reason: 'Invalid',
      },
    ],
  }
}

/** Which nodes leave is decided by orders, with their approvals; a name in the spec would be an order without one. */
export function removals(user: string): Policy {
  return {
    name: 'tidegate-removals',
    description: 'scaling.removals names the nodes that must leave. Only the operator writes it, for orders, a kind that this version does not have yet.',
    plural: 'eksnodegroups',
    operations: ['CREATE', 'UPDATE'],
    variables: {
      named: 'object.spec.?scaling.?removals.orValue([])',
      before: "request.operation == 'CREATE' ? [] : oldObject.spec.?scaling.?removals.orValue([])",
    },
    validations: [
      {
        expression: `variables.named == variables.before || ${isOperator(user)}`,
        message:
          'scaling.removals is written by the operator alone, for orders, a kind that this version does not have yet: to remove nodes, lower the number with kubectl scale',
        reason: 'Forbidden',
      },
    ],
  }
}
