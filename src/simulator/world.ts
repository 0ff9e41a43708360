import type { Random } from '../lib/random.ts'
import type { SimulatedClock } from './clock.ts'
import type { FaultBook } from './faults.ts'
import { type Account, createRegion, createRoles, type Region } from './region.ts'
import type { Scenario } from './scenario/scenario.ts'

/** Every account that was ever seen; each starts as a copy of the scenario. */
export class World {
  readonly scenario: Scenario
  readonly clock: SimulatedClock
  readonly faults: FaultBook
  readonly #random: Random
  readonly #attached: (cluster: string) => boolean
  readonly #accounts = new Map<string, Account>()
  readonly #networks = new Map<string, number>()
  readonly #listeners = new Set<() => void>()

  constructor(options: {
    readonly scenario: Scenario
    readonly clock: SimulatedClock
    readonly random: Random
    readonly faults: FaultBook
    /** Whether nodes of an EKS cluster are joined anywhere; default: of none. */
    readonly attached?: (cluster: string) => boolean
  }) {
    this.scenario = options.scenario
    this.clock = options.clock
    this.faults = options.faults
    this.#random = options.random
    this.#attached = options.attached ?? (() => false)
    this.region(options.scenario.account, options.scenario.region)
  }

  accounts(): readonly Account[] {
    return [...this.#accounts.values()]
  }

  regions(): readonly Region[] {
    return this.accounts().flatMap(({ regions }) => Array.from(regions.values()))
  }

  region(accountId: string, name: string): Region {
    const account = this.#account(accountId)
    const known = account.regions.get(name)
    if (known !== undefined) return known
    const region = createRegion(account, name, {
      scenario: this.scenario,
      clock: this.clock,
      random: this.#random,
      faults: this.faults,
      attached: this.#attached,
      after: (seconds, run) => {
        this.clock.after(seconds * 1000, () => {
          if (this.#accounts.get(accountId) === account) run()
        })
      },
      changed: () => {
        this.#notify()
      },
    })
    account.regions.set(name, region)
    // nodes that an earlier simulator left for this account can be told now
    this.#notify()
    return region
  }

  /** Throws an account away; its next call finds a fresh copy of the scenario. Without a name: all of them. */
  reset(accountId?: string): void {
    const ids = accountId === undefined ? [...this.#accounts.keys()] : [accountId]
    for (const id of ids) {
      this.#accounts.delete(id)
      this.region(id, this.scenario.region)
    }
    this.#notify()
  }

  /** Calls `listener` after every change of an instance; the answer ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  #account(id: string): Account {
    const known = this.#accounts.get(id)
    if (known !== undefined) return known
    const network = this.#networks.get(id) ?? this.#networks.size % 256
    this.#networks.set(id, network)
    const account: Account = {
      id,
      network,
      roles: createRoles(id, { scenario: this.scenario, clock: this.clock, random: this.#random }),
      regions: new Map(),
    }
    this.#accounts.set(id, account)
    return account
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
