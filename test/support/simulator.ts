import { createBudgets } from '../../src/aws/budgets.ts'
import { iamPolicy } from '../../src/aws/iam-policy.ts'
import { type Aws, createAws } from '../../src/aws/ports.ts'
import type { KubeClient } from '../../src/kube/client.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { demoScenario } from '../../src/simulator/scenario/demo.ts'
import { type Scenario, parseScenario } from '../../src/simulator/scenario/scenario.ts'
import { startSimulator } from '../../src/simulator/start.ts'

/** The account that a key of the same digits belongs to. */
export const account = '111122223333'
export const region = 'us-west-2'

/** One line of `/_simulator/calls`. */
export interface Call {
  readonly service: string
  readonly action: string
  readonly access: 'read' | 'write'
  readonly status: number
  readonly error?: string
  readonly fault?: string
  readonly sequence: number
  readonly input: Readonly<Record<string, unknown>>
}

/** What of a node group `/_simulator/state` shows. */
export interface SimulatedGroup {
  readonly name: string
  readonly arn: string
  readonly status: string
  readonly tags: Readonly<Record<string, string>>
  readonly scalingGroup?: string
}

interface SimulatedScalingGroup {
  readonly name: string
  readonly minSize: number
  readonly maxSize: number
  readonly desiredSize: number
  readonly instanceIds: readonly string[]
}

interface State {
  readonly regions: readonly {
    readonly clusters: readonly { readonly name: string; readonly nodegroups: readonly SimulatedGroup[] }[]
    readonly scalingGroups: readonly SimulatedScalingGroup[]
    readonly instances: readonly { readonly id: string; readonly state: string; readonly scalingGroup: string }[]
  }[]
}

/** Launch templates of every simulated account: two that suit any group, and one that brings its own image. */
export const templates = {
  own: { id: 'lt-0a1b2c3d4e5f60011', name: 'own' },
  other: { id: 'lt-0a1b2c3d4e5f60012', name: 'other' },
  withImage: { id: 'lt-0a1b2c3d4e5f60013', name: 'with-image' },
} as const

const userData = [{ UserData: 'dXNlcg==' }, { UserData: 'bmV4dA==' }]

/**
 * EKS gives up on a node after 15 min, on one of a deleted group after 5: at a test's speed a second or three, too few for a busy machine to empty it.
 * An update that fails so waits for a person.
 */
const delays = { evictionSeconds: 9_000, deletionEvictionSeconds: 3_000 }

type IsAbout = (call: Call) => boolean

function aboutGroup(group: string): IsAbout {
  return ({ input }) => input['nodegroupName'] === group || (typeof input['resourceArn'] === 'string' && input['resourceArn'].includes(`/${group}/`))
}

function aboutScalingGroup(group: string, instances: State['regions'][number]['instances'], more: readonly string[] = []): IsAbout {
  // EKS names it after the group, and after an id of its own
  const isOurs = (name: string): boolean => name.startsWith(`eks-${group}-`) && name.length === `eks-${group}-`.length + 36
  const ids = new Set([...instances.filter(({ scalingGroup }) => isOurs(scalingGroup)).map(({ id }) => id), ...more])
  return ({ input }) => {
    const { AutoScalingGroupName, AutoScalingGroupNames, InstanceId, InstanceIds } = input as Readonly<Record<string, string | readonly string[]>>
    const named = [AutoScalingGroupName, AutoScalingGroupNames, InstanceId, InstanceIds].flatMap((value) => value ?? [])
    return named.some((name) => isOurs(name) || ids.has(name))
  }
}

/** The built-in scenario with launch templates, and the EKS cluster `waking`, which never gets beyond CREATING. */
const usual: Scenario = parseScenario({
  ...demoScenario,
  delays,
  launchTemplates: [
    { ...templates.own, versions: userData },
    { ...templates.other, versions: userData },
    { ...templates.withImage, versions: [{ ImageId: 'ami-0a1b2c3d4e5f60001' }] },
  ],
  clusters: demoScenario.clusters.flatMap((cluster) => [cluster, Object.assign({}, cluster, { name: 'waking', status: 'CREATING' })]),
})

/** A simulated AWS of a test's own, and a person who works in its console. */
export class Cloud {
  readonly url: string
  /** Somebody else with rights in the account: nothing of theirs passes the operator. */
  readonly console: Aws
  readonly #close: () => Promise<void>

  private constructor(url: string, console: Aws, close: () => Promise<void>) {
    this.url = url
    this.console = console
    this.#close = close
  }

  /**
   * `speed`: simulated seconds per second. Nodes join through `kube`. `scenario`: another cloud than that of most tests. `nodeGroups`: that a cluster may have;
   * default the scenario's quota.
   */
  static async start(options: {
    readonly speed: number
    readonly kube: KubeClient
    readonly scenario?: Scenario | undefined
    readonly nodeGroups?: number | undefined
  }): Promise<Cloud> {
    const { speed, kube, scenario = usual } = options
    const { nodeGroups: nodegroupsPerCluster = scenario.quotas.nodegroupsPerCluster } = options
    const log = createLogger({ level: 'silent' })
    const quotas = { ...scenario.quotas, nodegroupsPerCluster }
    const simulator = await startSimulator({
      scenario: { ...scenario, quotas },
      speed,
      kube: new Map([['*', kube]]),
      clock: systemClock,
      random: systemRandom,
      log,
    })
    const metrics = createMetrics()
    const shared = { clock: systemClock, metrics, log }
    const person = createAws({
      ...shared,
      region,
      endpoint: simulator.url,
      credentials: credentialsOf(account),
      budgets: createBudgets(shared),
      beforeWrite: async () => await Promise.resolve(undefined),
    })
    return new Cloud(simulator.url, person, async () => {
      await person.close()
      await simulator.close()
    })
  }

  async close(): Promise<void> {
    await this.#close()
  }

  /** Orders a fault (`src/simulator/faults.ts`) and gives what takes it away again. */
  async fault(order: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
    return (await this.#order(order)).lift
  }

  /** Holds up the calls that fit, until they are let go, for five minutes at most: who waits for an answer may have gone by then. */
  async hold(order: Readonly<Record<string, unknown>>): Promise<{ readonly struck: () => Promise<number>; readonly lift: () => Promise<void> }> {
    const { id, lift } = await this.#order({ ...order, effect: 'Delay', delayMs: 300_000 })
    return {
      lift,
      struck: async () => {
        const faults = await this.#ask<readonly { readonly id: number; readonly struck: number }[]>('GET', '/_simulator/faults')
        return faults.find((fault) => fault.id === id)?.struck ?? 0
      },
    }
  }

  async #order(order: Readonly<Record<string, unknown>>): Promise<{ readonly id: number; readonly lift: () => Promise<void> }> {
    const { id } = await this.#ask<{ readonly id: number }>('POST', '/_simulator/faults', order)
    return {
      id,
      lift: async () => {
        await this.#ask('DELETE', `/_simulator/faults?id=${id}`)
      },
    }
  }

  /** Takes away every fault that is left. */
  async healAll(): Promise<void> {
    await this.#ask('DELETE', '/_simulator/faults')
  }

  /** As `fault`, for what is asked of EKS about one node group. */
  async groupFault(group: string, order: Readonly<Record<string, unknown>>): Promise<() => Promise<void>> {
    return await this.fault({ service: 'eks', match: { nodegroupName: group }, ...order })
  }

  /** Auto Scaling refuses the number 1 for this group, as if somebody had moved its minimum to 2. Gives what ends that. */
  async refuseNumber(group: string): Promise<() => Promise<void>> {
    const { scaling } = await this.needGroup(group)
    return await this.fault({
      service: 'autoscaling',
      action: 'SetDesiredCapacity',
      match: { AutoScalingGroupName: scaling?.name },
      effect: 'Error',
      code: 'ValidationError',
      message: 'New SetDesiredCapacity value 1 is below min value 2 for the AutoScalingGroup.',
    })
  }

  /** The calls about one node group, oldest first; with `access: 'write'` only those that change something. */
  async calls(group: string, filter: { readonly access?: 'read' | 'write'; readonly action?: string } = {}): Promise<readonly Call[]> {
    const query = new URLSearchParams(filter as Record<string, string>)
    const { calls } = await this.#ask<{ readonly calls: readonly Call[] }>('GET', `/_simulator/calls?${query.toString()}`)
    return calls.filter(aboutGroup(group))
  }

  /**
   * The calls to Auto Scaling about one node group, oldest first: those that name its scaling group, or an instance that it has or had within the last
   * simulated hour; whoever waits for longer names more `instances`. Also of a group that is gone. Not among them: the shared read of counts, which asks
   * by tag and is about no group.
   */
  async scalingCalls(
    group: string,
    filter: { readonly access?: 'read' | 'write'; readonly action?: string; readonly instances?: readonly string[] } = {},
  ): Promise<readonly Call[]> {
    const { instances = [], ...asked } = filter
    const query = new URLSearchParams({ service: 'autoscaling', ...asked })
    const { calls } = await this.#ask<{ readonly calls: readonly Call[] }>('GET', `/_simulator/calls?${query.toString()}`)
    return calls.filter(aboutScalingGroup(group, (await this.#state()).instances, instances))
  }

  /** What `calls` and `scalingCalls` say of each of these groups, one after the other, by one read for all. */
  async callsByGroup(groups: readonly string[]): Promise<ReadonlyMap<string, readonly Call[]>> {
    const calls = await this.allCalls()
    const scaling = calls.filter(({ service }) => service === 'autoscaling')
    const { instances } = await this.#state()
    return new Map(groups.map((group) => [group, [...calls.filter(aboutGroup(group)), ...scaling.filter(aboutScalingGroup(group, instances))]]))
  }

  /** Every call, whatever it is about. */
  async allCalls(): Promise<readonly Call[]> {
    return (await this.#ask<{ readonly calls: readonly Call[] }>('GET', '/_simulator/calls')).calls
  }

  /** Forgets every call so far. */
  async forgetCalls(): Promise<void> {
    await this.#ask('DELETE', '/_simulator/calls')
  }

  /**
   * From now on every call of the account, the console's too, is refused unless the policy of config/iam allows it, made for the one role that node
   * groups of tests have.
   */
  async enforcePolicy(): Promise<void> {
    await this.#ask('POST', '/_simulator/policy', { account, policy: iamPolicy({ passRoleArns: [`arn:aws:iam::${account}:role/demo-node`] }) })
  }

  /** What IAM refused, each with its action. */
  async refusals(): Promise<readonly string[]> {
    return (await this.allCalls()).filter(({ status }) => status === 403).map(({ action, error }) => `${action}: ${error ?? ''}`)
  }

  /** What happens without a call of the product, such as `{ order: 'SetCapacity', cluster, nodegroup, desiredSize }`. */
  async happen(order: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('POST', '/_simulator/orders', order)
  }

  /** Moves the clock of this cloud: `{ pause: true }`, `{ advanceSeconds: 900 }`, `{ resume: true }`. */
  async clock(order: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('POST', '/_simulator/clock', order)
  }

  async groups(): Promise<readonly SimulatedGroup[]> {
    return (await this.#state()).clusters.flatMap(({ nodegroups }) => nodegroups)
  }

  /** `undefined` when EKS does not have it. */
  async group(name: string): Promise<(SimulatedGroup & { readonly scaling: SimulatedScalingGroup | undefined }) | undefined> {
    const { clusters, scalingGroups } = await this.#state()
    const found = clusters.flatMap(({ nodegroups }) => nodegroups).find((group) => group.name === name)
    if (found === undefined) return undefined
    return { ...found, scaling: scalingGroups.find((group) => group.name === found.scalingGroup) }
  }

  /** As `group`, for one that must be there. */
  async needGroup(name: string): Promise<SimulatedGroup & { readonly scaling: SimulatedScalingGroup | undefined }> {
    const group = await this.group(name)
    if (group === undefined) throw new Error(`EKS has no node group ${name}`)
    return group
  }

  /** What would still cost money. */
  async leftovers(): Promise<{ readonly groups: readonly string[]; readonly scalingGroups: readonly string[]; readonly instances: readonly string[] }> {
    const { clusters, scalingGroups, instances } = await this.#state()
    return {
      groups: clusters.flatMap(({ nodegroups }) => nodegroups.map(({ name }) => name)),
      scalingGroups: scalingGroups.map(({ name }) => name),
      instances: instances.filter(({ state }) => state !== 'terminated').map(({ id }) => id),
    }
  }

  async #state(): Promise<State['regions'][number]> {
    const { regions } = await this.#ask<State>('GET', `/_simulator/state?account=${account}`)
    const [only] = regions
    if (only === undefined) throw new Error('the simulated account has no region')
    return only
  }

  async #ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return JSON.parse(text) as T
  }
}

/** Keys of an account: the simulator takes the key's digits for it. */
export function credentialsOf(accountId: string): () => Promise<{ readonly accessKeyId: string; readonly secretAccessKey: string }> {
  return async () => await Promise.resolve({ accessKeyId: accountId, secretAccessKey: 'none' })
}
