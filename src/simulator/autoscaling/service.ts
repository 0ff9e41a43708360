import type { Service } from '../wire/protocol.ts'
import { awsQuery } from '../wire/query.ts'
import { enterStandby, exitStandby, setProtection, terminateInstance } from './members-operations.ts'
import { resume, setDesiredCapacity, suspend, updateGroup } from './numbers.ts'
import { describeActivities, describeGroups } from './reads.ts'
import { createOrUpdateTags, deleteTags, describeTags } from './tags.ts'

/** Amazon EC2 Auto Scaling. Groups come and go with EKS node groups; nobody can make one here. */
export const autoscaling: Service = {
  name: 'autoscaling',
  protocol: awsQuery({
    version: '2011-01-01',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    operations: [
      describeGroups,
      describeActivities,
      describeTags,
      setDesiredCapacity,
      updateGroup,
      suspend,
      resume,
      setProtection,
      terminateInstance,
      enterStandby,
      exitStandby,
      createOrUpdateTags,
      deleteTags,
    ],
  }),
}
