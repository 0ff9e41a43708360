/** The account that the simulator takes the demo's keys for, and the one role that its node groups have. */
export const account = '111122223333'
export const nodeRole = `arn:aws:iam::${account}:role/demo-node`

interface Call {
  readonly account: string
  readonly action: string
  readonly status: number
}

/** From now on every call of the account is refused unless the policy, as `tidegate iam-policy` prints it, allows it. Throws when there were calls before. */
export async function enforce(simulator: string, policy: string): Promise<void> {
  const before = await callsOf(simulator)
  if (before.length > 0) throw new Error(`nobody asked whether these are allowed: ${before.map(({ action }) => action).join(', ')}`)
  const body = JSON.stringify({ account, policy: JSON.parse(policy) as unknown })
  const answer = await fetch(`${simulator}/_simulator/policy`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  if (!answer.ok) throw new Error(await answer.text())
}

/** Every call so far, oldest first. */
export async function callsOf(simulator: string): Promise<readonly Call[]> {
  const answer = await fetch(`${simulator}/_simulator/calls`)
  if (!answer.ok) throw new Error(await answer.text())
  return ((await answer.json()) as { readonly calls: readonly Call[] }).calls
}

/** The actions that IAM refused. */
export function refusedIn(calls: readonly Call[]): readonly string[] {
  return calls.flatMap(({ action, status }) => (status === 403 ? [action] : []))
}
