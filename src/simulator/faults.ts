import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const

/** One fault as it is posted to `/_simulator/faults`. */
export const faultSchema = Type.Object(
  {
    service: Type.Optional(Type.String({ title: 'absent: every service' })),
    action: Type.Optional(Type.String({ title: 'absent: every action' })),
    account: Type.Optional(Type.String({ pattern: '^[0-9]{12}$', title: 'absent: every account' })),
    match: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        title: 'members of the request and their values; with NoCapacity and NoJoin `instanceType` and `zone`',
      }),
    ),
    effect: Type.Enum(['Throttle', 'Error', 'Delay', 'DropResponse', 'NoCapacity', 'NoJoin', 'FailLater']),
    times: Type.Optional(Type.Integer({ minimum: 1, title: 'how often it strikes; absent: until it is removed' })),
    code: Type.Optional(Type.String({ title: 'with Error; with FailLater the health issue or update error' })),
    status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599, title: 'with Error; default as the service has it for this code, else 400' })),
    message: Type.Optional(Type.String({ title: 'with Error, NoCapacity and FailLater' })),
    delayMs: Type.Optional(
      Type.Number({
        minimum: 0,
        title:
          'with Delay: real milliseconds, since the time-outs that it tests are real; less where the fault is taken away before, but for its last one of `times`',
      }),
    ),
  },
  closed,
)

export type FaultOrder = Static<typeof faultSchema>

export interface Fault extends FaultOrder {
  readonly id: number
  struck: number
}

/** What was asked, as far as a fault can look at it. */
export interface Occasion {
  readonly service: string
  readonly action: string
  readonly account: string
  readonly input: unknown
}

const notOfCalls: ReadonlySet<Fault['effect']> = new Set(['NoCapacity', 'NoJoin', 'FailLater'])

/** The faults that were ordered and are not used up. */
export class FaultBook {
  #faults: Fault[] = []
  readonly #takenAway = new Map<number, AbortController>()
  #nextId = 1

  list(): readonly Fault[] {
    return this.#faults
  }

  add(order: FaultOrder): Fault {
    const fault: Fault = { ...order, id: this.#nextId, struck: 0 }
    this.#nextId += 1
    this.#faults.push(fault)
    this.#takenAway.set(fault.id, new AbortController())
    return fault
  }

  /** Takes away one fault, those of one account, or all: what they hold up goes on. */
  clear(which: { readonly id?: number; readonly account?: string } = {}): void {
    const gone = this.#faults.filter(({ id, account }) => (which.id ?? id) === id && (which.account ?? account) === account)
    for (const { id } of gone) {
      this.#takenAway.get(id)?.abort()
      this.#forget(id)
    }
  }

  /** Aborts when somebody takes the fault away. One that is used up is over with its last strike, and never does. */
  takenAway({ id }: Fault): AbortSignal {
    return this.#takenAway.get(id)?.signal ?? new AbortController().signal
  }

  /** The first fault that fits a call, counted as struck. */
  strike(occasion: Occasion): Fault | undefined {
    return this.#use((fault) => !notOfCalls.has(fault.effect) && fits(fault, occasion))
  }

  /** What lets the work that an accepted call has started fail; counted as struck. */
  failLater(occasion: Occasion): Fault | undefined {
    return this.#use((fault) => fault.effect === 'FailLater' && fits(fault, occasion))
  }

  /** Whether a launch of this type in this zone finds no capacity; counted as struck. */
  noCapacity(account: string, instanceType: string, zone: string): Fault | undefined {
    return this.#ofInstances('NoCapacity', { account, instanceType, zone })
  }

  /** Whether an instance that has booted never becomes a Node, as without a route to the API server; counted as struck. */
  noJoin(account: string, instanceType: string, zone: string): Fault | undefined {
    return this.#ofInstances('NoJoin', { account, instanceType, zone })
  }

  #ofInstances(effect: Fault['effect'], { account, ...input }: { readonly account: string; readonly instanceType: string; readonly zone: string }) {
    return this.#use((fault) => fault.effect === effect && fits(fault, { service: 'ec2', action: 'RunInstances', account, input }))
  }

  #use(wanted: (fault: Fault) => boolean): Fault | undefined {
    const fault = this.#faults.find(wanted)
    if (fault === undefined) return undefined
    fault.struck += 1
    if (fault.times !== undefined && fault.struck >= fault.times) this.#forget(fault.id)
    return fault
  }

  #forget(id: number): void {
    this.#faults = this.#faults.filter((fault) => fault.id !== id)
    this.#takenAway.delete(id)
  }
}

function fits(fault: FaultOrder, { service, action, account, input }: Occasion): boolean {
  return (
    (fault.service ?? service) === service &&
    (fault.action ?? action) === action &&
    (fault.account ?? account) === account &&
    Object.entries(fault.match ?? {}).every(([member, value]) => contains(input, member, value))
  )
}

/** Whether the request's member (dots go deeper) has this value, or is a list that holds it. */
function contains(input: unknown, member: string, value: unknown): boolean {
  let at: unknown = input
  for (const step of member.split('.')) at = (at as Record<string, unknown> | undefined)?.[step]
  return Array.isArray(at) ? at.includes(value) : at === value
}
