import { type Result, checkpoint } from '../../../runtime/reconciler.ts'
import type { KubeconfigSecret } from '../ports.ts'
import type { TargetPass } from '../pass.ts'

/**
 * `status.kubeconfigSecret`: the Secret that stays as long as this object names it (kinds.md, TargetCluster). The name is stored before the finalizer
 * is, since we may not list Secrets: otherwise one that the spec no longer names could not be found again.
 */
export async function nameSecret(pass: TargetPass): Promise<Result | undefined> {
  const { status, object } = pass.draft
  const wanted = object.spec.connection.kubeconfigSecretRef?.name
  if (status.kubeconfigSecret === wanted) return undefined
  await releaseSecret(pass)
  if (wanted === undefined) return undefined
  status.kubeconfigSecret = wanted
  return checkpoint
}

/** Puts our finalizer on the Secret that was read, unless it is there or comes too late. */
export async function holdSecret({ draft, deps, context, facts }: TargetPass, name: string, secret: KubeconfigSecret): Promise<void> {
  if (draft.status.kubeconfigSecret !== name) return
  const { uid } = draft.object.metadata
  deps.secretHolds.enter(name, uid)
  if (secret.leaving) {
    if (facts.toldLeaving !== secret.uid) {
      const note = `Secret ${name} was deleted, and stays until this TargetCluster is deleted or names another one`
      context.event({ type: 'Warning', reason: 'SecretInUse', action: 'Connect', note })
    }
    facts.toldLeaving = secret.uid
  } else if (!secret.held) await deps.secrets.hold(name, secret.uid, { signal: context.signal })
}

/** Lets go of the Secret that the status names, and takes our finalizer off unless another TargetCluster needs it. */
export async function releaseSecret({ draft, deps, context }: TargetPass): Promise<void> {
  const { status, object } = draft
  const name = status.kubeconfigSecret
  if (name === undefined) return
  if (deps.secretHolds.leave(name, object.metadata.uid, deps.others.targets())) await deps.secrets.release(name, { signal: context.signal })
  delete status.kubeconfigSecret
}
