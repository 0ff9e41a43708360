import { annotation, type Policy } from './policy.ts'

const confirm = 'tidegate.io/confirm-deletion'

/**
 * The first line of the deletion guard (kinds.md, Conventions). The second is the finalizer, which asks for the same annotation: it also holds what
 * gets past this one, such as the deletion of a namespace, whose contents have to be let go of or it would hang without a word.
 */
const exempt: Readonly<Record<string, string>> = {
  confirmed: `${annotation('oldObject', confirm)} == oldObject.metadata.uid || ${annotation('oldObject', 'tidegate.io/abandon')} == oldObject.metadata.uid`,
  owned: 'oldObject.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))',
  leaving: 'has(oldObject.metadata.deletionTimestamp)',
}

/** `kubectl delete` of a group with nodes is refused with the line to type. */
export const groupDeletion: Policy = {
  name: 'tidegate-eksnodegroup-deletion',
  description:
    'Refuses to delete an EksNodeGroup that has nodes, unless its nodes stay in AWS anyway (Observe, Retain, adopted, not ours) or the deletion is confirmed by its UID, which no file in Git can hold.',
  plural: 'eksnodegroups',
  operations: ['DELETE'],
  variables: {
    ...exempt,
    namespaceLeaves: 'has(namespaceObject.metadata.deletionTimestamp)',
    deletion: "oldObject.spec.policy.?deletion.orValue('')",
    retained:
      "oldObject.spec.policy.management == 'Observe' || variables.deletion == 'Retain' || (oldObject.?status.?ownership.?origin.orValue('') == 'Adopted' && variables.deletion != 'Delete')",
    // A group that is somebody else's (AlreadyExists, OwnedByAnother) shows its nodes as well, and stays whatever happens here.
    ours: 'oldObject.?status.?ownership.hasValue()',
    running: 'oldObject.?status.?nodes.?running.orValue(0)',
    // Instances that were asked for and do not run yet would go as well. The number outlives the group; `nodes` does not.
    wanted: 'oldObject.?status.?nodes.hasValue() ? oldObject.?status.?scaling.?desiredSize.orValue(0) : 0',
    nodes: 'variables.running > variables.wanted ? variables.running : variables.wanted',
    object: "'eksnodegroup ' + oldObject.metadata.name + ' -n ' + oldObject.metadata.namespace",
  },
  validations: [
    {
      expression:
        'variables.nodes == 0 || !variables.ours || variables.confirmed || variables.retained || variables.owned || variables.leaving || variables.namespaceLeaves',
      messageExpression: `string(variables.nodes) + (variables.nodes == 1 ? ' node of ' : ' nodes of ') + oldObject.metadata.name + ' would go with it. To confirm, then delete again: kubectl annotate ' + variables.object + ' --overwrite ${confirm}=' + oldObject.metadata.uid + '; to keep them in AWS: kubectl patch ' + variables.object + ' --type=merge -p \\'{"spec":{"policy":{"deletion":"Retain"}}}\\''`,
      reason: 'Forbidden',
    },
  ],
}

/** A TargetCluster that is deleted while groups name it can no longer be kept: its groups would lose what reaches their nodes. */
export const targetDeletion: Policy = {
  name: 'tidegate-targetcluster-deletion',
  description:
    'Refuses to delete a TargetCluster while its status names an object that uses it. An object that came a moment ago is not there yet: then only the finalizer holds it (InUse), and the deletion cannot be undone.',
  plural: 'targetclusters',
  operations: ['DELETE'],
  variables: {
    ...exempt,
    user: "oldObject.?status.?usedBy.orValue('')",
  },
  validations: [
    {
      expression: "variables.user == '' || variables.confirmed || variables.owned || variables.leaving",
      messageExpression: `'TargetCluster ' + oldObject.metadata.name + ' is used, by EksNodeGroup ' + variables.user + ' for one: delete first what names it (kubectl get eksnodegroups -A). To delete it all the same, which waits until they are gone: kubectl annotate targetcluster ' + oldObject.metadata.name + ' --overwrite ${confirm}=' + oldObject.metadata.uid`,
      reason: 'Forbidden',
    },
  ],
}
