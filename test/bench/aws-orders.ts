/** One call as the simulated AWS wrote it down. */
export interface AwsCallRecord {
  readonly service: string
  readonly action: string
  readonly access: 'read' | 'write'
  readonly error?: string
  readonly input: Readonly<Record<string, unknown>>
}

interface Instance {
  readonly id: string
  readonly scalingGroup: string
  readonly state: string
  readonly joined: boolean
}

/** The simulated AWS from outside its AWS side: `docs/simulator.md`. */
export class AwsOrders {
  readonly #base: string

  constructor(endpoint: string) {
    this.#base = `${endpoint}/_simulator`
  }

  async forgetCalls(): Promise<void> {
    await this.#ask('DELETE', '/calls')
  }

  /** Those since they were forgotten; it keeps the newest 20,000. */
  async calls(): Promise<readonly AwsCallRecord[]> {
    const { calls } = (await this.#ask('GET', '/calls')) as { readonly calls: readonly AwsCallRecord[] }
    return calls
  }

  async order(order: object): Promise<void> {
    await this.#ask('POST', '/orders', order)
  }

  async clock(change: { readonly pause: true } | { readonly resume: true }): Promise<void> {
    await this.#ask('POST', '/clock', change)
  }

  /** Orders a fault, and gives what takes it away again. */
  async fault(order: object): Promise<() => Promise<void>> {
    const { id } = (await this.#ask('POST', '/faults', order)) as { readonly id: number }
    return async () => void (await this.#ask('DELETE', `/faults?id=${id}`))
  }

  /** The instances that there are, also those that ended a while ago, with the Auto Scaling group that each belongs to. */
  async instances(): Promise<readonly Instance[]> {
    const { regions } = (await this.#ask('GET', '/state')) as { readonly regions: readonly { readonly instances: readonly Instance[] }[] }
    return regions.flatMap(({ instances }) => instances)
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}

/** The node group that a call is about alone; `undefined` for one that tells of several, or of what they share. */
export function groupOf({ service, input }: AwsCallRecord): string | undefined {
  const { nodegroupName, resourceArn, AutoScalingGroupNames: names, AutoScalingGroupName: name } = input
  if (typeof nodegroupName === 'string') return nodegroupName
  if (service === 'eks' && typeof resourceArn === 'string') return resourceArn.split('/')[2]
  if (typeof name === 'string') return name
  if (Array.isArray(names)) return names.length === 1 ? String(names[0]) : undefined
  return typeof input['InstanceId'] === 'string' ? input['InstanceId'] : undefined
}
