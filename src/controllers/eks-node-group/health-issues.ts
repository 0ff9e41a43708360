import type { NodeGroup } from '../../aws/eks/port.ts'
import type { EksNodeGroupStatus } from '../../crds/eks-node-group.ts'

/** As many and as long as the schema of the status takes: one more, and the whole status would be refused from then on. */
const most = { issues: 20, code: 128, message: 2048, resourceIds: 50, resourceId: 256 } as const

/** EKS' health issues as the status keeps them: AWS promises no order, and another one would look like news. */
export function healthIssuesOf({ healthIssues }: Pick<NodeGroup, 'healthIssues'>): NonNullable<EksNodeGroupStatus['healthIssues']> {
  return healthIssues.slice(0, most.issues).map(({ code, message, resourceIds }) => ({
    code: code.slice(0, most.code),
    message: message.slice(0, most.message),
    resourceIds: resourceIds
      .toSorted()
      .slice(0, most.resourceIds)
      .map((id) => id.slice(0, most.resourceId)),
  }))
}

/** EKS' own words for what is wrong with a group; where it has none, where a person looks for more. */
export function issuesInWords(group: Pick<NodeGroup, 'healthIssues' | 'name'>, clusterName: string): string {
  const words = healthIssuesOf(group).map(({ code, message }) => `${code}: ${message}`)
  return words.length > 0 ? words.join('; ') : `it names nothing; see aws eks describe-nodegroup --cluster-name ${clusterName} --nodegroup-name ${group.name}`
}
