import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { deleteTagLine, unprotectLine } from '../aws-lines.ts'
import { formerUids } from '../former.ts'
import type { Pass } from '../pass.ts'
import { isLeaving } from '../removals/member.ts'

/**
 * On the Auto Scaling group while instances are protected by us: the status that names them can get lost. The value is the object's UID, with `/lost`
 * where they are not known any more.
 *
 * AWS does not say who protected an instance. So what is not in the status is never taken back by us (P2: it may be somebody else's), but told until nobody
 * is protected any more, or a person takes the tag away. What is in the status was only meant to be protected while the tag is not there: a freeze or an
 * outage may lie between, and who protected it then is somebody else. The price: of one that arrived while others had been protected, and that somebody else
 * protected in the moment between the two writes, we take it for ours.
 */
const protectedTag = 'tidegate.io/protected'
const lost = '/lost'

type Given = Pick<Pass, 'draft' | 'target' | 'context'>

/** To be called before the first instance is protected. */
export async function tagProtection({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (hasProtectionTag({ draft }, group)) return
  await target.aws.scalingGroups.tag(group.name, { [protectedTag]: draft.object.metadata.uid }, context)
}

/** To be called when a withdrawal begins: where the tag stands already, an earlier one was lost, and its protection is not taken for somebody else's later. */
export async function tagLoss({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (!hasProtectionTag({ draft }, group) || group.tags[protectedTag]?.endsWith(lost) === true || !isAnyHeld(group)) return
  await tagRest({ draft, target, context }, group)
}

/** The instances whose protection is, or would be, ours: AWS was asked for it, which the tag says. */
export function protectedByUs({ draft }: Pick<Pass, 'draft'>, group: ScalingGroup): ReadonlySet<string> {
  return new Set(hasProtectionTag({ draft }, group) ? draft.status.withdrawal?.protected : [])
}

/** Those that we only meant to protect, and that somebody has protected since. */
export function protectedByOthers({ draft }: Pick<Pass, 'draft'>, group: ScalingGroup): ReadonlySet<string> {
  const meant = new Set(hasProtectionTag({ draft }, group) ? [] : draft.status.withdrawal?.protected)
  return new Set(group.instances.flatMap(({ instanceId, protectedFromScaleIn }) => (protectedFromScaleIn && meant.has(instanceId) ? [instanceId] : [])))
}

/** To be called when some protection that the status knows of cannot come off now: nobody will know of it but the tag. */
export async function tagRest({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  await target.aws.scalingGroups.tag(group.name, { [protectedTag]: `${draft.object.metadata.uid}${lost}` }, context)
}

/** To be called when all protection that the status knows of is off. */
export async function untagProtection({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (!hasProtectionTag({ draft }, group) || group.tags[protectedTag]?.endsWith(lost) === true) return
  await target.aws.scalingGroups.untag(group.name, [protectedTag], context)
}

/** Whether the tag says what no status knows, and nothing of it is left. */
export function isTagLeftOver({ draft }: Pick<Pass, 'draft'>, group: ScalingGroup): boolean {
  return draft.status.withdrawal === undefined && hasProtectionTag({ draft }, group) && !isAnyHeld(group)
}

/** Takes the tag away, whatever it says. */
export async function untag({ target, context }: Given, group: ScalingGroup): Promise<void> {
  await target.aws.scalingGroups.untag(group.name, [protectedTag], context)
}

/** Instances that may have their protection from us, though no status says so any more; `undefined` when there are none. */
export function forgottenProtection({
  draft,
  seen,
}: Pick<Pass, 'draft' | 'seen'>): { readonly instances: readonly string[]; readonly remedy: string } | undefined {
  const { scalingGroup } = seen
  if (scalingGroup === undefined || draft.status.withdrawal !== undefined || !hasProtectionTag({ draft }, scalingGroup)) return undefined
  const instances = unprotectable(scalingGroup)
  if (instances.length === 0) return undefined
  const { name } = scalingGroup
  const off = unprotectLine(name, instances.slice(0, 20))
  return { instances, remedy: `where nobody else protects them: ${off}; where somebody does: ${untagLine(name)}` }
}

/** Takes the tag of an Auto Scaling group off by hand. */
export function untagLine(name: string): string {
  return deleteTagLine(name, protectedTag)
}

/** Whether the tag says that this object protects, or an earlier life of it. */
export function hasProtectionTag({ draft }: Pick<Pass, 'draft'>, { tags }: ScalingGroup): boolean {
  const uid = tags[protectedTag]?.replace(lost, '')
  return uid !== undefined && [draft.object.metadata.uid, ...formerUids(draft)].includes(uid)
}

/** Also of those that somebody has set aside: AWS takes it off when they are back in service. */
function isAnyHeld({ instances }: ScalingGroup): boolean {
  return instances.some((one) => one.protectedFromScaleIn && !isLeaving(one))
}

/** Of which AWS takes it off now. */
function unprotectable({ instances }: ScalingGroup): readonly string[] {
  return instances
    .filter(({ lifecycleState, protectedFromScaleIn }) => lifecycleState === 'InService' && protectedFromScaleIn)
    .map(({ instanceId }) => instanceId)
    .toSorted()
}
