import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { CustomObject } from '../../../src/kube/objects.ts'
import type { Resource } from '../../../src/kube/resource.ts'
import { audited, operatorUser } from '../../support/audit.ts'
import { anEksNodeGroup } from '../../support/builders.ts'
import { eventually } from '../../support/eventually.ts'
import { Subject } from '../../support/subject.ts'
import { test } from '../../support/world.ts'

const { signal } = new AbortController()
const autoscalers: Resource = { group: 'autoscaling', version: 'v2', plural: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler', namespaced: true }

interface Scale {
  readonly spec: { readonly replicas: number }
  readonly status: { readonly replicas: number; readonly selector?: string }
}

/** As a team writes it for a queue that counts what waits for a node. */
function anAutoscaler(group: string, limits: { readonly minReplicas: number; readonly maxReplicas: number }): object {
  return {
    scaleTargetRef: { apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', name: group },
    ...limits,
    metrics: [{ type: 'External', external: { metric: { name: 'jobs_waiting' }, target: { type: 'AverageValue', averageValue: '4' } } }],
  }
}

describe.concurrent('the scale subresource', () => {
  test('kubectl scale passes the policies under sizeOwner Orders, and says what is wrong beyond the limits', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    await group.until(({ spec }) => expect(spec.scaling?.desiredSize).toBe(0))
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=2')
    await group.until(({ status }) => expect(status?.nodes?.summary).toBe('2/2'))
    const path = `/apis/tidegate.io/v1alpha1/namespaces/${place.namespace}/eksnodegroups/workers/scale`
    const scale = JSON.parse(await place.kubectl('get', '--raw', path)) as Scale
    expect(scale).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 2, selector: `eks.amazonaws.com/nodegroup=${place.inEks()}` } })
    const selected = (await place.kubectl('get', 'nodes', '-o', 'name', '-l', scale.status.selector ?? 'none')).trim().split('\n')
    expect(selected).toHaveLength(2)
    await expect(place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=4')).rejects.toThrow(/maxSize/)
    await expect(
      place.kubectl('patch', 'eksnodegroup/workers', '-n', place.namespace, '--type=merge', '-p', '{"spec":{"scaling":{"desiredSize":3}}}'),
    ).rejects.toThrow(/kubectl scale eksnodegroup workers/)
  })

  test('a number that a client-side apply has sent is taken out of the file as the refusal says', async ({ place, onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'tidegate-file-'))
    onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'workers.json')
    const write = async (scaling: object): Promise<void> => {
      const metadata = { name: 'workers', namespace: place.namespace }
      const spec = anEksNodeGroup({ nodeGroupName: place.inEks(), scaling })
      await writeFile(file, JSON.stringify({ apiVersion: 'tidegate.io/v1alpha1', kind: 'EksNodeGroup', metadata, spec }))
    }
    const apply = async (): Promise<string> => await place.kubectl('apply', '-f', file)
    const group = place.group(place.namespace, 'workers')
    await write({ minSize: 0, maxSize: 3, desiredSize: 1 })
    await apply()
    await group.ready()
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=2')
    await expect(apply()).rejects.toThrow('leave desiredSize out of the file')
    await write({ minSize: 0, maxSize: 3 })
    await expect(apply()).rejects.toThrow(/desiredSize \(2 now\) is not taken out of the object.*run kubectl apply set-last-applied -f FILE/)
    await place.kubectl('apply', 'set-last-applied', '-f', file)
    await apply()
    await write({ minSize: 0, maxSize: 4 })
    await apply()
    expect((await group.read()).spec.scaling).toMatchObject({ maxSize: 4, desiredSize: 2 })
  })

  test('the number is filled in without a status write that loses against it', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    expect((await group.ready()).spec.scaling?.desiredSize).toBe(0)
    const own = (await audited(place.plane.auditLog)).filter(
      ({ user, namespace, name }) => user === operatorUser && namespace === place.namespace && name === 'workers',
    )
    expect(own.filter(({ kind }) => kind === 'eksnodegroups/status').length).toBeGreaterThan(1)
    expect(own.filter(({ code }) => code === 409).map(({ verb, kind }) => `${verb} ${kind}`)).toEqual([])
  })

  test('a HorizontalPodAutoscaler reads the scale and moves the group', async ({ place }) => {
    const group = await place.have({ scaling: { minSize: 0, maxSize: 3 } })
    await group.until(({ spec }) => expect(spec.scaling?.desiredSize).toBe(0))
    await place.kubectl('scale', 'eksnodegroup/workers', '-n', place.namespace, '--replicas=1')
    await group.until(({ status }) => expect(status?.selector).toBeDefined())
    const hpa = new Subject<CustomObject>(place.client, autoscalers, { namespace: place.namespace, name: 'queue' })
    await hpa.apply(anAutoscaler('workers', { minReplicas: 2, maxReplicas: 3 }))
    // fewer than its minimum: it raises the number without asking the metric
    await hpa.condition('AbleToScale', { status: 'True', says: [/2|get|scale/] })
    await group.until(({ spec, status }) => {
      expect(spec.scaling?.desiredSize).toBe(2)
      expect(status?.nodes?.summary).toBe('2/2')
    })
    // inside its limits it asks the metric, which this cluster does not have; the scale and its selector are taken
    await eventually(
      async () => {
        await hpa.condition('AbleToScale', { status: 'True', reason: 'SucceededGetScale' })
        await hpa.condition('ScalingActive', { status: 'False', reason: 'FailedGetExternalMetric' })
      },
      { timeoutMs: 60_000 },
    )
    await place.client.delete(autoscalers, { namespace: place.namespace, name: 'queue' }, { signal })
    await group.apply(anEksNodeGroup({ nodeGroupName: place.inEks(), scaling: { minSize: 0, maxSize: 3 } }))
    expect((await group.ready()).spec.scaling?.desiredSize).toBe(2)
  })
})
