import { type Member, isCounted, isLeaving, takesTermination } from './member.ts'
import { planRemovals } from './plan.ts'
import type { Removal, Requested } from './removal.ts'
import { aMember, aWish, aWorld } from './test-world.ts'

/** What may happen between two passes. */
export type Happening =
  | { readonly kind: 'Number'; readonly value: number }
  /** An order names the nth node and lowers the number by one; it takes all its words back. */
  | { readonly kind: 'Order'; readonly nth: number }
  | { readonly kind: 'Cancel' }
  | { readonly kind: 'Shortage'; readonly lasts: boolean }
  /** Somebody ends the nth instance at EC2; Auto Scaling starts another for it. */
  | { readonly kind: 'Vanish'; readonly nth: number }
  | { readonly kind: 'Standby'; readonly nth: number }
  /** The Node of the nth instance is deleted and registers anew. */
  | { readonly kind: 'Again'; readonly nth: number }
  | { readonly kind: 'Pass' }

/** A node group as a small machine: one plan a pass and its effects one by one, as AWS, Kubernetes and the acts have them. For tests. */
export class Play {
  members: readonly Member[]
  desired: number
  keep: number
  minSize: number
  requested: readonly Requested[] = []
  removals: readonly Removal[] = []
  shortage = false
  /** Instances that ended and were not asked for by name by us: AWS' choice. */
  readonly chosenByAws: string[] = []
  /** Instances that we ended while they ran pods that nobody had evicted. */
  readonly endedUndrained: string[] = []
  /** Instances that we ended, by our own choice, while no more were there than are wanted. */
  readonly endedInVain: string[] = []
  #count = 0

  constructor(size: number, minSize: number) {
    this.members = Array.from({ length: size }, () => this.#launched('InService'))
    this.desired = size
    this.keep = Math.max(size, minSize)
    this.minSize = minSize
  }

  happen(what: Happening): void {
    switch (what.kind) {
      case 'Number':
        this.keep = Math.max(this.minSize, what.value)
        break
      case 'Order': {
        const member = this.#nth(what.nth)
        if (member?.node === undefined || this.keep <= this.minSize || this.requested.some(({ nodeUID }) => nodeUID === member.node?.uid)) break
        this.requested = [...this.requested, { ...aWish(member.instanceId), nodeUID: member.node.uid }]
        this.keep -= 1
        break
      }
      case 'Cancel':
        this.requested = []
        break
      case 'Shortage':
        this.shortage = what.lasts
        break
      case 'Vanish':
        this.members = this.members.filter((one) => one !== this.#nth(what.nth))
        break
      case 'Standby':
        this.#change(what.nth, (one) => (one.lifecycleState === 'InService' ? { ...one, lifecycleState: 'Standby' } : one))
        break
      case 'Again':
        this.#change(what.nth, (one) => (one.node === undefined ? one : { ...one, node: { ...one.node, uid: this.#name('again'), pods: 1 } }))
        break
      case 'Pass':
        break
    }
    this.pass()
  }

  /** The cloud goes on, then one pass; `false` when neither changed anything. */
  pass(): boolean {
    const before = JSON.stringify([this.members, this.desired, this.removals])
    this.#cloud()
    // upward only, as `scale` does it
    if (this.keep > this.desired) this.desired = this.keep
    const world = aWorld({
      members: this.members,
      requested: this.requested,
      before: this.removals,
      desiredCapacity: this.desired,
      keep: this.keep,
      minSize: Math.min(this.minSize, this.desired),
    })
    const { removals, withdraw } = planRemovals(world)
    const isNew = removals.some((one) => one.state === 'Accepted' && !this.removals.some((each) => each.instanceId === one.instanceId))
    this.removals = removals
    // stored first: the pass ends there
    if (!isNew) this.#act(withdraw)
    return JSON.stringify([this.members, this.desired, this.removals]) !== before
  }

  #act(withdraw: number): void {
    // what is handed over is stored before AWS is asked
    const handedOver = this.removals.filter(({ state }) => state === 'Removing')
    this.removals = this.removals.map((one) => this.#drained(one))
    this.desired -= withdraw
    for (const one of handedOver) {
      const member = this.members.find(({ instanceId }) => instanceId === one.instanceId)
      if (member === undefined || !takesTermination(member) || (isCounted(member) && this.desired <= this.minSize)) continue
      if (member.node !== undefined && member.node.uid !== one.nodeUID) {
        this.removals = this.removals.map((each) => (each === one ? { ...one, state: 'Accepted' } : each))
        continue
      }
      if ((member.node?.pods ?? 0) > 0) this.endedUndrained.push(member.instanceId)
      if (one.orderUID === undefined && (this.desired <= this.keep || !isCounted(member))) this.endedInVain.push(member.instanceId)
      if (isCounted(member)) this.desired -= 1
      this.members = this.members.map((each) => (each === member ? { ...member, lifecycleState: 'Terminating:Wait' } : each))
    }
  }

  /** Accepted, then drained, then written down as to be ended: a pass each. */
  #drained(one: Removal): Removal {
    if (one.state === 'Accepted') return { ...one, state: 'Draining' }
    if (one.state !== 'Draining') return one
    const member = this.members.find(({ instanceId }) => instanceId === one.instanceId)
    if (member !== undefined && member.lifecycleState !== 'InService' && member.lifecycleState !== 'Standby') return one
    this.members = this.members.map((each) => (each === member && each.node !== undefined ? { ...each, node: { ...each.node, pods: 0 } } : each))
    return { ...one, state: 'Removing' }
  }

  #cloud(): void {
    this.members = this.members
      .filter(({ lifecycleState }) => lifecycleState !== 'Terminating:Wait')
      .map((one) => (one.lifecycleState === 'Pending' ? aMember(one.instanceId, { zone: one.zone, node: { pods: 1 } }) : one))
    while (!this.shortage && this.members.filter(isCounted).length < this.desired) this.members = [...this.members, this.#launched('Pending')]
    while (this.members.filter(isCounted).length > this.desired) {
      const victim = this.members.findLast(isCounted)
      this.chosenByAws.push(victim?.instanceId ?? '')
      this.members = this.members.filter((one) => one !== victim)
    }
  }

  #launched(lifecycleState: string): Member {
    const id = this.#name('i')
    const zone = ['a', 'b', 'c'][this.#count % 3] as string
    return aMember(id, { zone, lifecycleState, node: lifecycleState === 'Pending' ? 'none' : { pods: this.#count % 4 } })
  }

  #name(prefix: string): string {
    this.#count += 1
    return `${prefix}-${this.#count}`
  }

  #nth(nth: number): Member | undefined {
    const there = this.members.filter((one) => !isLeaving(one))
    return there[nth % Math.max(1, there.length)]
  }

  #change(nth: number, change: (member: Member) => Member): void {
    const member = this.#nth(nth)
    this.members = this.members.map((one) => (one === member ? change(one) : one))
  }
}
