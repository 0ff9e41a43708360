import type { KubeObject } from '../../kube/objects.ts'
import { annotationInWords, notOwnUid } from '../../runtime/annotation-critic.ts'
import type { Frozen } from '../../runtime/reconciler.ts'
import { confirmAnnotation } from './deletion/confirmation.ts'
import { takeOverAnnotation, uidShape } from './ownership.ts'
import { abandonAnnotation } from './ways-out.ts'

/**
 * What people have said in an annotation that means nothing, and therefore does nothing: each of these lets go of nodes or of AWS resources, so a value
 * that is not exactly right is no consent. Words that are only tokens (`retry`, `refresh`) are always right; `frozen-until` and `approve-update` are
 * told where they are judged.
 */
export function unclearAnnotations(metadata: Frozen<KubeObject['metadata']>): readonly string[] {
  const ofItself = notOwnUid(metadata, [confirmAnnotation, abandonAnnotation])
  const owner = metadata.annotations?.[takeOverAnnotation]
  if (owner === undefined || uidShape.test(owner)) return ofItself
  return [...ofItself, `${annotationInWords(metadata, takeOverAnnotation)}, which is no UID; nothing is taken over`]
}
