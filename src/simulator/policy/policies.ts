import type { Region } from '../region.ts'
import { ServiceError } from '../service-error.ts'
import type { PolicyDocument } from './document.ts'
import { isAllowed, type Need } from './evaluate.ts'
import { needsOf } from './needs.ts'

/** What the callers of each account may do. An account without a policy may do everything. */
export class Policies {
  readonly #documents = new Map<string, PolicyDocument>()

  set(account: string, document: PolicyDocument | null): void {
    if (document === null) this.#documents.delete(account)
    else this.#documents.set(account, document)
  }

  /** Forgets the policy of one account, or all. */
  clear(account?: string): void {
    if (account === undefined) this.#documents.clear()
    else this.#documents.delete(account)
  }

  /** The service's refusal of a call that the account's policy does not allow, or undefined. */
  refusal(
    caller: { readonly account: string; readonly arn: string },
    service: string,
    action: string,
    input: unknown,
    region: Region,
  ): ServiceError | undefined {
    const policy = this.#documents.get(caller.account)
    if (policy === undefined) return undefined
    const missing = needsOf(`${service}:${action}`, input, region).find((need) => !isAllowed(policy, need))
    return missing === undefined ? undefined : refusalOf(service, caller.arn, missing)
  }
}

/** Each service has its own code for "you may not"; the sentence is IAM's. */
function refusalOf(service: string, arn: string, { action, resource }: Need): ServiceError {
  const on = resource === '*' ? '' : ` on resource: ${resource}`
  const sentence = `User: ${arn} is not authorized to perform: ${action}${on} because no identity-based policy allows the ${action} action`
  if (service === 'eks' || service === 'sagemaker') return new ServiceError('AccessDeniedException', 403, sentence)
  if (service === 'ec2') return new ServiceError('UnauthorizedOperation', 403, `You are not authorized to perform this operation. ${sentence}`)
  return new ServiceError('AccessDenied', 403, sentence)
}
