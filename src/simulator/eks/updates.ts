import type { Fault } from '../faults.ts'
import type { Region } from '../region.ts'
import type { Cluster, Nodegroup, NodegroupUpdate } from '../state.ts'
import { eksError } from './errors.ts'
import { touch } from './nodegroup-life.ts'

export type UpdateError = NodegroupUpdate['errors'][number]

/** @throws ServiceError 409 while anything else runs on the node group: there is one update at a time, and none can be cancelled. */
export function refuseWhileBusy({ name, cluster, status }: Nodegroup): void {
  if (status === 'ACTIVE' || status === 'DEGRADED') return
  throw eksError.inUse('Nodegroup cannot be updated as it is currently not in Active State', { clusterName: cluster, nodegroupName: name })
}

/** The update's record, and the node group UPDATING. */
export function beginUpdate(
  region: Region,
  cluster: Cluster,
  nodegroup: Nodegroup,
  type: NodegroupUpdate['type'],
  params: NodegroupUpdate['params'],
): NodegroupUpdate {
  const update: NodegroupUpdate = {
    id: region.random.id(),
    nodegroup: nodegroup.name,
    type,
    params,
    createdAt: region.clock.now(),
    status: 'InProgress',
    errors: [],
  }
  cluster.updates.push(update)
  nodegroup.status = 'UPDATING'
  touch(region, nodegroup)
  region.changed()
  return update
}

/** The node group is free again, ACTIVE also after a failure (its health tells of nodes, not of updates). */
export function endUpdate(region: Region, nodegroup: Nodegroup, update: NodegroupUpdate, error?: UpdateError): void {
  update.status = error === undefined ? 'Successful' : 'Failed'
  if (error !== undefined) update.errors = [error]
  if (nodegroup.status === 'UPDATING') nodegroup.status = nodegroup.degraded ? 'DEGRADED' : 'ACTIVE'
  touch(region, nodegroup)
  region.changed()
}

/** A failure that `/_simulator/faults` ordered. */
export function faultedError({ code = 'Unknown', message = 'an error that /_simulator/faults ordered' }: Fault, { name }: Nodegroup): UpdateError {
  return { errorCode: code, errorMessage: message, resourceIds: [name] }
}
