interface Caller {
  readonly account: string
  readonly arn: string
  readonly userId: string
}

interface Session extends Caller {
  readonly secret: string
  readonly token: string
}

/** Temporary credentials that AssumeRole gave out: a session belongs to its role's account. */
export class Sessions {
  readonly #defaultAccount: string
  readonly #arns = new Map<string, Session>()

  constructor(defaultAccount: string) {
    this.#defaultAccount = defaultAccount
  }

  add(accessKeyId: string, session: Session): void {
    this.#arns.set(accessKeyId, session)
  }

  /** Who a key is: a session, the account that a key of 12 digits names, or the scenario's account. */
  whoIs(accessKeyId: string): Caller {
    const session = this.#arns.get(accessKeyId)
    if (session !== undefined) return session
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : this.#defaultAccount
    return { account, arn: `arn:aws:iam::${account}:user/simulated`, userId: accessKeyId }
  }

  /** The secret and the token of a session; `undefined` for keys of which any secret will do. */
  secretOf(accessKeyId: string): { readonly secret: string; readonly token: string } | undefined {
    return this.#arns.get(accessKeyId)
  }
}
