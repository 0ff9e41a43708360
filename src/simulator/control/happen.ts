import { changedNumbers, setNumbers } from '../autoscaling/engine.ts'
import { instancesOf } from '../autoscaling/members.ts'
import { startDrain } from '../drains/drain.ts'
import { loseInstance } from '../ec2/lose-instance.ts'
import { clusterOf, nodegroupOf, scalingGroupOf } from '../eks/lookup.ts'
import { watchForRepair } from '../eks/node-repair.ts'
import { nodegroupEvents, numbersChangedOutside, scalingGroupLost, startDeletion } from '../eks/nodegroup-life.ts'
import { hex } from '../ids.ts'
import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { Instance, Nodegroup, ScalingGroup } from '../state.ts'
import type { World } from '../world.ts'
import type { Happening } from './happenings.ts'

type Of<O extends Happening['order']> = Extract<Happening, { readonly order: O }>

/** EC2's notice before it takes a Spot instance (EC2 user guide, "Spot Instance interruption notices"). */
const spotNoticeSeconds = 120

/**
 * Lets it happen at once.
 *
 * @throws ServiceError when what the order names is not there.
 */
export function happen(world: World, order: Happening): void {
  const { account = world.scenario.account, region: name = world.scenario.region } = order
  world.clock.settle()
  const region = world.region(account, name)
  acts[order.order](region, order as never)
  region.changed()
}

/** What a Node says whose kubelet has trouble, or has fallen silent. */
const usualTrouble = {
  False: {
    status: 'False',
    reason: 'KubeletNotReady',
    message:
      'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
  },
  Unknown: { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
} as const

const reported = { status: 'False', reason: 'Ordered', message: 'reported by the node monitoring agent' } as const

const acts: { readonly [O in Happening['order']]: (region: Region, order: Of<O>) => void } = {
  BreakNode: (region, { instanceId, condition = 'Ready', status, reason, message }) => {
    const instance = instanceOf(region, instanceId)
    const usual = condition === 'Ready' ? usualTrouble[status ?? 'Unknown'] : reported
    instance.trouble = {
      condition,
      ...usual,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      since: region.clock.realNow(),
    }
    watchForRepair(region, instance)
  },
  MendNode: (region, { instanceId }) => {
    const instance = instanceOf(region, instanceId)
    if (instance.trouble !== undefined)
      instance.trouble = { ...instance.trouble, status: 'True', reason: 'Mended', message: 'in order again', since: region.clock.realNow() }
  },
  TerminateInstance: (region, { instanceId }) => {
    loseInstance(region, instanceOf(region, instanceId))
  },
  InterruptSpot: (region, { instanceId }) => {
    const instance = instanceOf(region, instanceId)
    const group = region.scalingGroups.get(instance.scalingGroup)
    if (group?.capacityType !== 'SPOT') throw wrong(`${instanceId} is not a Spot instance of a node group`)
    interruptSpot(region, group, instance)
  },
  DeleteNodegroup: (region, order) => {
    startDeletion(region, nodegroupIn(region, order))
  },
  DeleteScalingGroup: (region, order) => {
    const group = groupIn(region, order)
    for (const instance of instancesOf(region, group)) loseInstance(region, instance)
    scalingGroupLost(region, group)
  },
  SetCapacity: (region, order) => {
    const group = groupIn(region, order)
    setNumbers(region, group, changedNumbers(group, order), 'a user request explicitly set group desired capacity', nodegroupEvents)
    numbersChangedOutside(region, group)
  },
  LockScalingGroup: (region, order) => {
    groupIn(region, order).operator = order.operator ?? undefined
  },
  SetCluster: (region, { cluster: name, version, status, endpoint, certificateAuthority }) => {
    const given = Object.entries({ version, status, endpoint, certificateAuthority }).filter(([, value]) => value !== undefined)
    Object.assign(clusterOf(region, name), Object.fromEntries(given))
  },
  DeleteCluster: (region, { cluster: name }) => {
    if (clusterOf(region, name).nodegroups.size > 0) throw wrong(`cluster ${name} has node groups attached`)
    region.clusters.delete(name)
  },
  CreateRole: (region, { name, path = '/', policies = [], trustedAccounts = [], externalId }) => {
    const { account, clock, random, scenario } = region
    account.roles.set(name, {
      name,
      path,
      arn: `arn:aws:iam::${account.id}:role${path}${name}`,
      id: `AROA${hex(random, 17).toUpperCase()}`,
      createdAt: clock.now(),
      trustedServices: ['ec2.amazonaws.com'],
      trustedAccounts,
      externalId,
      policies,
      usableAtMs: clock.monotonicMs() + scenario.delays.roleUsableSeconds * 1000,
    })
  },
  DeleteRole: (region, { name }) => {
    if (!region.account.roles.delete(name)) throw wrong(`there is no role ${name}`)
  },
  SetFreeAddresses: (region, { subnetId, count }) => {
    const subnet = region.subnets.get(subnetId)
    if (subnet === undefined) throw wrong(`there is no subnet ${subnetId}`)
    subnet.freeAddresses = count
  },
  DeleteSubnet: (region, { subnetId }) => {
    if (!region.subnets.delete(subnetId)) throw wrong(`there is no subnet ${subnetId}`)
  },
}

/** EKS drains the node for as long as the notice lasts (EKS user guide, managed-node-groups, "Spot"); then it goes, empty or not. */
function interruptSpot(region: Region, group: ScalingGroup, instance: Instance): void {
  const cluster = group.nodegroup?.cluster ?? ''
  startDrain(region, instance, { by: 'SpotInterruption', cluster, limitSeconds: spotNoticeSeconds }, () => undefined)
  region.after(spotNoticeSeconds, () => {
    loseInstance(region, instance)
  })
}

function instanceOf(region: Region, id: string): Instance {
  const instance = region.instances.get(id)
  if (instance === undefined) throw wrong(`there is no instance ${id}`)
  return instance
}

function nodegroupIn(region: Region, order: { readonly cluster: string; readonly nodegroup: string }): Nodegroup {
  return nodegroupOf(region, order.cluster, order.nodegroup).nodegroup
}

function groupIn(region: Region, order: { readonly cluster: string; readonly nodegroup: string }): ScalingGroup {
  const group = scalingGroupOf(region, nodegroupIn(region, order))
  if (group === undefined) throw wrong(`the node group ${order.nodegroup} has no Auto Scaling group`)
  return group
}

function wrong(message: string): ServiceError {
  return new ServiceError('NotThere', 404, message)
}
