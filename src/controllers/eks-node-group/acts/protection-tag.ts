import type { ScalingGroup } from '../../../aws/autoscaling/port.ts'
import { formerUids } from '../former.ts'
import type { Pass } from '../pass.ts'

/**
 * On the Auto Scaling group while instances are protected by us: the status that names them can get lost. The value is the object's UID, with `/lost`
 * where they are not known any more.
 *
 * AWS does not say who protected an instance. So what is not in the status is never taken back by us (P2: it may be somebody else's), but told until nobody
 * is protected any more, or a person takes the tag away.
 */
const protectedTag = 'tidegate.io/protected'
const lost = '/lost'

type Given = Pick<Pass, 'draft' | 'target' | 'context'>

/** To be called before the first instance is protected. */
export async function tagProtection({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (hasTag({ draft }, group)) return
  await target.aws.scalingGroups.tag(group.name, { [protectedTag]: draft.object.metadata.uid }, context)
}

/** To be called when a withdrawal begins: where the tag stands already, an earlier one was lost, and its protection is not taken for somebody else's later. */
export async function tagLoss({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (!hasTag({ draft }, group) || group.tags[protectedTag]?.endsWith(lost) === true || held(group).length === 0) return
  await target.aws.scalingGroups.tag(group.name, { [protectedTag]: `${draft.object.metadata.uid}${lost}` }, context)
}

/** To be called when all protection that the status knows of is off. */
export async function untagProtection({ draft, target, context }: Given, group: ScalingGroup): Promise<void> {
  if (!hasTag({ draft }, group) || group.tags[protectedTag]?.endsWith(lost) === true) return
  await target.aws.scalingGroups.untag(group.name, [protectedTag], context)
}

/** Whether the tag says what no status knows, and nothing of it is left. */
export function isTagLeftOver({ draft }: Pick<Pass, 'draft'>, group: ScalingGroup): boolean {
  return draft.status.withdrawal === undefined && hasTag({ draft }, group) && held(group).length === 0
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
  if (scalingGroup === undefined || draft.status.withdrawal !== undefined || !hasTag({ draft }, scalingGroup)) return undefined
  const instances = held(scalingGroup)
  if (instances.length === 0) return undefined
  const { name } = scalingGroup
  const off = `aws autoscaling set-instance-protection --auto-scaling-group-name ${name} --no-protected-from-scale-in --instance-ids ${instances.slice(0, 20).join(' ')}`
  const keep = `aws autoscaling delete-tags --tags ResourceId=${name},ResourceType=auto-scaling-group,Key=${protectedTag}`
  return { instances, remedy: `where nobody else protects them: ${off}; where somebody does: ${keep}` }
}

function hasTag({ draft }: Pick<Pass, 'draft'>, { tags }: ScalingGroup): boolean {
  const uid = tags[protectedTag]?.replace(lost, '')
  return uid !== undefined && [draft.object.metadata.uid, ...formerUids(draft)].includes(uid)
}

function held({ instances }: ScalingGroup): readonly string[] {
  return instances
    .filter(({ lifecycleState, protectedFromScaleIn }) => lifecycleState === 'InService' && protectedFromScaleIn)
    .map(({ instanceId }) => instanceId)
    .toSorted()
}
