import type { ObjectMeta } from '../../kube/objects.ts'

/** Each new value asks once for another try of what failed. */
const retryAnnotation = 'tidegate.io/retry'

/** As much as the status keeps of it: two values are compared as they are kept, or one that is longer would ask again and again. */
const kept = 256

/** What `tidegate.io/retry` says; any text will do. */
export function retryTokenOf({ annotations }: Pick<ObjectMeta, 'annotations'>): string | undefined {
  return annotations?.[retryAnnotation]?.slice(0, kept).toWellFormed()
}

/** The command that asks for it. */
export function retryLine({ name, namespace = 'default' }: Pick<ObjectMeta, 'name' | 'namespace'>): string {
  return `kubectl annotate eksnodegroup ${name} -n ${namespace} --overwrite ${retryAnnotation}=$(date +%s)`
}
