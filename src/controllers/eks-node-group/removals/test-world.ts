import type { Member } from './member.ts'
import type { DrainPort } from '../ports.ts'
import type { Removal, RemovalWorld, Requested } from './removal.ts'

/** An instance of a group with a Ready and empty Node; for tests. */
export function aMember(
  id: string,
  { node, ...changed }: Partial<Omit<Member, 'node'>> & { readonly node?: Partial<NonNullable<Member['node']>> | 'none' } = {},
): Member {
  const joined = { name: `node-${id}`, uid: `uid-${id}`, ready: true, pods: 0, createdAt: '2026-11-21T06:00:00Z' }
  return { instanceId: id, zone: 'a', lifecycleState: 'InService', node: node === 'none' ? undefined : { ...joined, ...node }, ...changed }
}

/** What the status says of a removal of `aMember(id)`; for tests. */
export function aRemoval(id: string, changed: Partial<Removal> = {}): Removal {
  return { nodeUID: `uid-${id}`, nodeName: `node-${id}`, instanceId: id, state: 'Accepted', message: '', ...changed }
}

/** An order's word that `aMember(id)` leaves; for tests. */
export function aWish(id: string, changed: Partial<Requested> = {}): Requested {
  return { nodeUID: `uid-${id}`, nodeName: `node-${id}`, providerID: providerOf(id), orderUID: 'order', ...changed }
}

/** A group at rest: as many as there are members, all wanted. The Nodes are those of the members and `others` (names to UIDs). For tests. */
export function aWorld({ others = {}, ...changed }: Partial<RemovalWorld> & { readonly others?: Readonly<Record<string, string>> } = {}): RemovalWorld {
  const { members = [] } = changed
  const uids = new Map([...Object.entries(others), ...members.flatMap(({ node }) => (node === undefined ? [] : [[node.name, node.uid] as const]))])
  return {
    requested: [],
    before: [],
    members,
    desiredCapacity: members.length,
    keep: members.length,
    minSize: 0,
    uidOf: (name) => uids.get(name),
    retry: undefined,
    isUpdating: false,
    allGo: false,
    isLocked: false,
    now: new Date('2026-11-21T06:00:00Z'),
    cannotHaveActed: () => false,
    isOwed: () => false,
    isReady: () => false,
    ...changed,
  }
}

function providerOf(id: string): string {
  return `aws:///us-west-2a/${id}`
}

/** A drain of which one pod is left at each look; tells `done` the names of the nodes. */
export function drainsOn(done: string[], isolatedAt: string): DrainPort['drainNode'] {
  return async ({ node }) => {
    done.push(node.name)
    return { state: { step: 'Draining', isolatedAt }, progress: { left: 1, blocked: [], message: '1 pod is left' }, next: { kind: 'wait', ms: 5_000 } }
  }
}
