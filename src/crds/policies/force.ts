import { mayDo, type Policy } from './policy.ts'

/** What ends pods against their budgets needs somebody who may decide that, also when such a setting is made sharper later. */
export const force: Policy = {
  name: 'tidegate-force',
  description:
    'scaleDown.onTimeout Force, scaleDown.drain None and update.force end pods against their disruption budgets: who sets one of them, or changes scaleDown while one is set, needs the verb force on eksnodegroups.',
  plural: 'eksnodegroups',
  operations: ['CREATE', 'UPDATE'],
  variables: {
    forced: "object.spec.scaleDown.onTimeout == 'Force' || object.spec.scaleDown.drain == 'None' || object.spec.update.force",
    same: "request.operation == 'UPDATE' && object.spec.scaleDown == oldObject.spec.scaleDown && object.spec.update.force == oldObject.spec.update.force",
  },
  validations: [
    {
      expression: `!variables.forced || variables.same || ${mayDo('force', 'eksnodegroups')}`,
      messageExpression:
        "'scaleDown.onTimeout Force, scaleDown.drain None and update.force end pods against their disruption budgets: ' + request.userInfo.username + ' needs the verb force on eksnodegroups (the role tidegate-admin has it); otherwise use Wait or Fail, Evict, and force: false'",
      reason: 'Forbidden',
    },
  ],
}
