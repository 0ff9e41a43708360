import type { DrainPod } from './pod.ts'

/** When the tests of the plan happen. */
export const now = new Date('2026-11-21T06:00:00Z')

export function later(seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

/** An ordinary pod of a Deployment, an hour old. */
export function aPod(name: string, over: Partial<DrainPod> = {}): DrainPod {
  return {
    namespace: 'team',
    name,
    uid: `uid-${name}`,
    controller: { kind: 'ReplicaSet', name: 'web-1', uid: 'rs' },
    createdAt: later(-3600),
    finished: false,
    mirror: false,
    critical: false,
    own: false,
    localData: false,
    ...over,
  }
}
