/** As seldom as the runtime tries again what is `Stalled`, ms. */
const againMs = 600_000

const settingsKinds = ['UpdateConfig', 'Tag'] as const

/** One call that brings settings to EKS. */
export interface SettingsCall {
  readonly kind: (typeof settingsKinds)[number]
  readonly paramsHash: string
}

/** For whom it is asked, and what makes another answer likely. */
export interface Asker {
  readonly uid: string
  readonly generation: number | undefined
  readonly retryToken: string | undefined
  /** The port, which is another one when the TargetCluster names another role or region. */
  readonly through: object
  readonly now: Date
}

/** What AWS said, for a condition. */
export interface Refusal {
  readonly reason: string
  readonly message: string
}

/**
 * The settings that AWS refused for good. They hold up nothing of their group but an update of its version: so it is not the object that waits, but this one call.
 *
 * Guarantees: the same call is not worth another try for 10 min, unless the spec, `tidegate.io/retry`, or the credentials are other ones. Kept as long as the
 * process: another one asks once more.
 */
export class RefusedSettings {
  readonly #answers = new Map<string, { readonly call: SettingsCall; readonly asker: Asker; readonly refusal: Refusal }>()

  remember(asker: Asker, call: SettingsCall, refusal: Refusal): void {
    this.#answers.set(keyOf(asker, call), { call, asker, refusal })
  }

  /** EKS took such a call, or has what it was to bring: what it said to one before is no news any more. */
  forget(asker: Pick<Asker, 'uid'>, call: Pick<SettingsCall, 'kind'>): void {
    this.#answers.delete(keyOf(asker, call))
  }

  /** The object is gone. */
  forgetObject(uid: string): void {
    for (const kind of settingsKinds) this.#answers.delete(keyOf({ uid }, { kind }))
  }

  /** What AWS said to exactly this call when it was made last; also when it is time to ask again, until there is another answer. */
  answerTo({ uid }: Pick<Asker, 'uid'>, call: SettingsCall): Refusal | undefined {
    const last = this.#answers.get(keyOf({ uid }, call))
    return last?.call.paramsHash === call.paramsHash ? last.refusal : undefined
  }

  /** Whether exactly this call was refused, and nothing makes another answer likely yet. */
  isPointless(asker: Asker, call: SettingsCall): boolean {
    const last = this.#answers.get(keyOf(asker, call))
    if (last?.call.paramsHash !== call.paramsHash) return false
    const { generation, retryToken, through } = last.asker
    if (generation !== asker.generation || retryToken !== asker.retryToken || through !== asker.through) return false
    return msBetween(last.asker, asker) < againMs
  }
}

function keyOf({ uid }: Pick<Asker, 'uid'>, { kind }: Pick<SettingsCall, 'kind'>): string {
  return `${uid}/${kind}`
}

/** A clock that was set back makes it long ago: better asked once too often. */
function msBetween(before: Pick<Asker, 'now'>, { now }: Pick<Asker, 'now'>): number {
  const ms = now.getTime() - before.now.getTime()
  return ms < 0 ? Number.POSITIVE_INFINITY : ms
}
