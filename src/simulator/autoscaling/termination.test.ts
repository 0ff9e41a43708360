import { describe, expect, it } from 'vitest'
import { endDrain } from '../drains/drain.ts'
import { nodegroupEvents, startDeletion } from '../eks/nodegroup-life.ts'
import { loseInstance } from '../ec2/lose-instance.ts'
import type { Instance } from '../state.ts'
import { type TestGroup, testGroup } from '../test-group.ts'
import { terminate } from './termination.ts'

function leaving(parts: TestGroup): Instance {
  const [victim] = parts.members()
  if (victim === undefined) throw new Error('no member')
  parts.group.desiredSize -= 1
  terminate(parts.region, parts.group, victim, 'a user request', nodegroupEvents)
  return victim
}

/** The life of an instance whose termination begins at 0: its lifecycle after so many seconds. */
function history(parts: TestGroup, victim: Instance, at: readonly number[]): readonly string[] {
  let now = 0
  return at.map((second) => {
    parts.advance(second - now)
    now = second
    return victim.lifecycle
  })
}

describe('the terminate hook', () => {
  it('holds an instance for a while also where no node has joined', () => {
    const parts = testGroup(1)
    const victim = leaving(parts)
    expect(history(parts, victim, [0, 29, 30, 60])).toEqual(['Terminating:Wait', 'Terminating:Wait', 'Terminating:Proceed', 'Terminated'])
    expect([victim.drain?.state, parts.members()]).toEqual(['Drained', []])
  })

  it('holds it while its node has pods, and lets go when they are gone', () => {
    const parts = testGroup(1, { attached: true })
    const victim = leaving(parts)
    expect([victim.drain?.state, victim.cordoned]).toEqual(['Evicting', true])
    expect(history(parts, victim, [0, 400])).toEqual(['Terminating:Wait', 'Terminating:Wait'])
    endDrain(parts.region, victim, 'Drained')
    expect(victim.lifecycle).toBe('Terminating:Proceed')
  })

  it('terminates after 15 minutes whatever is still there', () => {
    const parts = testGroup(1, { attached: true })
    const victim = leaving(parts)
    expect(history(parts, victim, [899, 900, 930])).toEqual(['Terminating:Wait', 'Terminating:Proceed', 'Terminated'])
    expect(victim.drain?.state).toBe('TimedOut')
  })

  it('gives up after five minutes while the node group is deleted', () => {
    const parts = testGroup(1, { attached: true })
    const [victim] = parts.members()
    startDeletion(parts.region, parts.nodegroup)
    parts.advance(299)
    expect(victim?.lifecycle).toBe('Terminating:Wait')
    parts.advance(120)
    expect([victim?.lifecycle, parts.cluster.nodegroups.size]).toEqual(['Terminated', 0])
  })

  it('frees one address, also when somebody ends the instance at EC2 meanwhile', () => {
    const parts = testGroup(1, { attached: true })
    const victim = leaving(parts)
    loseInstance(parts.region, victim)
    parts.advance(1200)
    expect([victim.state, parts.members()]).toEqual(['terminated', []])
    expect([...parts.region.subnets.values()].map(({ freeAddresses }) => freeAddresses)).toEqual([8187, 8187, 8187])
  })
})

describe('an instance that somebody ends in the console', () => {
  it('is missed at the next health check and replaced, without a drain', () => {
    const parts = testGroup(2, { attached: true })
    const [lost] = parts.members()
    if (lost === undefined) throw new Error('no member')
    loseInstance(parts.region, lost)
    parts.advance(59)
    expect([lost.state, lost.lifecycle, parts.members().length]).toEqual(['terminated', 'InService', 2])
    parts.advance(1)
    expect([lost.lifecycle, lost.drain, parts.group.desiredSize, parts.members().length]).toEqual(['Terminated', undefined, 2, 2])
    expect(parts.group.activities.at(-2)?.cause).toContain('EC2 health check')
  })

  it('is not replaced while ReplaceUnhealthy is suspended', () => {
    const parts = testGroup(2)
    const [lost] = parts.members()
    if (lost === undefined) throw new Error('no member')
    parts.group.suspended.add('ReplaceUnhealthy')
    loseInstance(parts.region, lost)
    parts.advance(600)
    expect(parts.members().map(({ state }) => state)).toEqual(['terminated', 'running'])
  })
})
