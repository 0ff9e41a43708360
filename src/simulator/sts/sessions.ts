/** Temporary credentials that AssumeRole gave out: a session belongs to its role's account. */
export class Sessions {
  readonly #defaultAccount: string
  readonly #arns = new Map<string, { readonly account: string; readonly arn: string; readonly userId: string }>()

  constructor(defaultAccount: string) {
    this.#defaultAccount = defaultAccount
  }

  add(accessKeyId: string, session: { readonly account: string; readonly arn: string; readonly userId: string }): void {
    this.#arns.set(accessKeyId, session)
  }

  /** Who a key is: a session, the account that a key of 12 digits names, or the scenario's account. */
  whoIs(accessKeyId: string): { readonly account: string; readonly arn: string; readonly userId: string } {
    const session = this.#arns.get(accessKeyId)
    if (session !== undefined) return session
    const account = /^\d{12}$/.test(accessKeyId) ? accessKeyId : this.#defaultAccount
    return { account, arn: `arn:aws:iam::${account}:user/simulated`, userId: accessKeyId }
  }
}
