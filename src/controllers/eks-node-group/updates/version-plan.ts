import type { NodeGroup, NodeGroupVersionChange } from '../../../aws/eks/port.ts'
import type { ManagedEksNodeGroupSpec } from '../../../crds/eks-node-group.ts'
import { stableHash } from '../../../lib/hash.ts'
import type { Frozen } from '../../../runtime/reconciler.ts'
import type { GroupTarget } from '../ports.ts'
import { barredVersion } from './barred-version.ts'
import { otherTemplate } from './other-template.ts'

type Spec = Frozen<Pick<ManagedEksNodeGroupSpec, 'version' | 'releaseVersion' | 'launchTemplate' | 'update' | 'scaleDown'>>

/** An update of version, release or template that the spec asks for. */
export interface VersionPlan {
  readonly change: NodeGroupVersionChange
  /** `version 1.35 → 1.36, …` */
  readonly inWords: string
  readonly from: string
  readonly to: string
  /** An approval, a failure and a start are for exactly this: what is wanted, and how EKS is to go about it. */
  readonly hash: string
  /**
   * Why EKS may not be asked for it at all, in words: the group has a template that the spec does not name, or EKS would refuse the version. No part of `hash`:
   * it can go by itself, and what was agreed to is the same.
   */
  readonly barred?: string
}

/**
 * What `UpdateNodegroupVersion` has to be asked for; `undefined` when the group has what the spec names. Pure. What the spec leaves out is EKS' own.
 *
 * Only what differs is sent (aws-rules A3), with one exception: EKS takes the newest release when none is named, so a release that the spec names
 * always goes along, unless the template brings the image (`CUSTOM`), where EKS refuses one.
 */
export function planVersion(
  spec: Spec,
  group: Pick<NodeGroup, 'version' | 'releaseVersion' | 'launchTemplate' | 'amiType'>,
  { clusterVersion }: Pick<GroupTarget, 'clusterVersion'>,
): VersionPlan | undefined {
  const { version, releaseVersion } = spec
  const other = otherTemplate(spec, group)
  // Versions of different templates say nothing about each other.
  const template = other === undefined ? spec.launchTemplate?.version : undefined
  const differs = [
    ['version', version, group.version],
    ['releaseVersion', releaseVersion, group.releaseVersion],
    ['launchTemplate', other?.desired, other?.actual],
    ['launchTemplate.version', template, group.launchTemplate?.version],
  ].flatMap(([field, wanted, actual]) => (wanted === undefined || wanted === actual ? [] : [{ field, wanted, actual: actual ?? 'not set' }]))
  if (differs.length === 0) return undefined
  const has = (name: string): boolean => differs.some(({ field }) => field === name)
  const named = releaseVersion !== undefined && (has('releaseVersion') || group.amiType !== 'CUSTOM')
  const change: NodeGroupVersionChange = {
    ...(has('version') && version !== undefined && { version }),
    ...(named && { releaseVersion }),
    ...(has('launchTemplate.version') && template !== undefined && { launchTemplate: { ...templateOf(group), version: template } }),
    ...(mayForce(spec) && { force: true }),
  }
  const { approval: _, ...how } = spec.update
  const ofVersion = change.version === undefined ? undefined : barredVersion(change.version, { group: group.version, cluster: clusterVersion })
  const barred = other === undefined ? ofVersion : `the group has another launch template: ${other.remedy}`
  return {
    change,
    inWords: differs.map(({ field, actual, wanted }) => `${field} ${actual} → ${wanted}`).join(', '),
    from: differs.map(({ field, actual }) => `${field} ${actual}`).join(', '),
    to: differs.map(({ field, wanted }) => `${field} ${wanted}`).join(', '),
    hash: stableHash({ version, releaseVersion, template, ...(other && { other: other.desired }), how, force: mayForce(spec) }),
    ...(barred !== undefined && { barred }),
  }
}

/**
 * Whether a group has all that an update was asked for, by the words of its plan (`to`), whatever the spec names by now. Pure. Of an update that was never sent
 * the spec may be content with a group that stayed as it was, or that somebody else brought elsewhere.
 */
export function showsUpdate(
  to: string | undefined,
  { version, releaseVersion, launchTemplate }: Pick<NodeGroup, 'version' | 'releaseVersion' | 'launchTemplate'>,
): boolean {
  const shown = new Set([`version ${version}`, `releaseVersion ${releaseVersion}`, `launchTemplate.version ${launchTemplate?.version}`])
  return to?.split(', ').every((one) => shown.has(one)) === true
}

/** EKS then ends what a disruption budget holds: said twice in the spec, or not done (aws-rules B7). */
function mayForce({ update, scaleDown }: Spec): boolean {
  return update.force && scaleDown.onTimeout === 'Force'
}

/** By the id or the name that EKS has: a template made again under the old name would be another one. */
function templateOf({ launchTemplate: { id, name } = {} }: Pick<NodeGroup, 'launchTemplate'>): { readonly id?: string; readonly name?: string } {
  return id === undefined ? { ...(name !== undefined && { name }) } : { id }
}
