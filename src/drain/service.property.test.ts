import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KubeError } from '../kube/kube-error.ts'
import { setUp } from './test-service.ts'

const statuses = [0, 401, 408, 409, 429, 500, 502, 503, 504] as const
const anyFaults = fc.array(fc.record({ at: fc.nat({ max: 40 }), when: fc.constantFrom('before', 'after'), status: fc.constantFrom(...statuses) }), {
  maxLength: 12,
})

test('whatever fails and whenever the process dies: no eviction without the mark, none twice, none of what stays, and the node becomes empty', async () => {
  await fc.assert(
    fc.asyncProperty(anyFaults, fc.array(fc.nat({ max: 60 }), { maxLength: 5 }), fc.integer({ min: 0, max: 8 }), async (faults, deaths, count) => {
      const { clock, cluster, pass, restart } = setUp(20)
      for (let n = 0; n < count; n += 1) cluster.addPod(`p${n}`)
      cluster.addPod('agent', { metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'ds', controller: true }] } })
      let calls = 0
      const unmarked: string[] = []
      cluster.fault = (call, when) => {
        if (when === 'before') calls += 1
        if (call === 'evict' && !cluster.isMarked) unmarked.push(call)
        const fault = faults.find((one) => one.at === calls && one.when === when)
        if (fault !== undefined) throw new KubeError(fault.status, 'Fault', 'told to')
      }
      let kind = 'wait'
      let onePassAgo = [...cluster.pods.values()]
      for (let passes = 0; passes < 200 && kind !== 'empty'; passes += 1) {
        if (deaths.includes(passes)) {
          restart()
          cluster.told.clear()
        }
        cluster.shown = onePassAgo
        onePassAgo = [...cluster.pods.values()]
        const result = await pass().catch(() => undefined)
        kind = result?.next.kind ?? 'wait'
        await clock.advance(result?.next.kind === 'wait' ? result.next.ms : 100)
      }
      expect(kind).toBe('empty')
      expect(unmarked).toEqual([])
      expect(cluster.again).toEqual([])
      expect(cluster.done.filter((act) => act.startsWith('evict')).toSorted()).toEqual(Array.from({ length: count }, (_, n) => `evict p${n}`))
      expect([...cluster.pods.keys()]).toEqual(['agent'])
    }),
    { numRuns: 60 },
  )
})
