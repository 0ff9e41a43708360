import type { KubeObject } from '../../kube/objects.ts'
import { annotationInWords, notOwnUid } from '../../runtime/annotation-critic.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { takeOverAnnotation, uidShape } from './ownership.ts'
import { approveAnnotation, isUnreadable } from './updates/approval.ts'
import { abandonAnnotation } from './ways-out.ts'

/**
 * What people have said in an annotation that means nothing, and therefore does nothing: each of these lets go of nodes or of AWS resources, so a value
 * that is not exactly right is no consent. Words that are only tokens (`retry`, `refresh`) are always right; `frozen-until` is told where it is judged, and so
 * is an approval of another generation, which every update leaves behind.
 */
export function unclearAnnotations(metadata: Frozen<KubeObject['metadata']>): readonly string[] {
  const notes = [...notOwnUid(metadata, [confirmAnnotation, abandonAnnotation])]
  const { [takeOverAnnotation]: owner, [approveAnnotation]: approved } = metadata.annotations ?? {}
  if (owner !== undefined && !uidShape.test(owner)) notes.push(`${annotationInWords(metadata, takeOverAnnotation)}, which is no UID; nothing is taken over`)
  if (approved !== undefined && isUnreadable(approved))
    notes.push(`${annotationInWords(metadata, approveAnnotation)}, which is no generation of an object; it approves nothing`)
  return notes
}
