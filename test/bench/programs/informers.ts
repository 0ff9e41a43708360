import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Namespace, Node } from '../../../src/kube/objects.ts'
import type { PodSummary } from '../../../src/kube/pod-summary.ts'
import { projectNode, projectPod } from '../../../src/kube/projections.ts'
import { resources } from '../../../src/kube/resource.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { openCluster, print, stallProbe, unixNs } from './watched-cluster.ts'

/**
 * `informers KUBECONFIG [heap]`: informers of nodes and pods as the operator has them, and nothing else. The Go baseline `cache` does the same and
 * speaks the same: `SYNCED <unix_ns> nodes=<n> pods=<n>`; on SIGTERM `<seq> <unix_ns>` to `$CHURN_LOG` for every update with a new value of the
 * label; `EXIT`. With `heap` the resources come one after the other, and `HEAP <what> <bytes>` is said in between, after two full collections.
 */
const [kubeconfig = '', mode] = process.argv.slice(2)
const seqLabel = 'bench.tidegate/seq'
const stop = new AbortController()
const probe = stallProbe()
const { informer, connection } = await openCluster(kubeconfig)
const nodes = informer<Node>(resources.nodes, { projection: projectNode, indexers: { byInstance: ({ spec }) => [spec.providerID ?? ''] } })
const pods = informer<PodSummary>(resources.pods, { projection: projectPod, indexers: { byNode: ({ nodeName }) => [nodeName ?? ''] } })

const hits: string[] = []
const last = new Map<string, string | undefined>()
nodes.addHandler({
  added: ({ metadata }) => last.set(metadata.name, metadata.labels?.[seqLabel]),
  updated: ({ metadata }) => {
    const seq = metadata.labels?.[seqLabel]
    if (seq === undefined || last.get(metadata.name) === seq) return
    last.set(metadata.name, seq)
    hits.push(`${seq} ${unixNs()}\n`)
  },
})
pods.addHandler({})

function stall(): string {
  const { ms, cpuMs } = probe.longest()
  return `stall_ms=${ms.toFixed(1)} stall_cpu_ms=${cpuMs.toFixed(1)}`
}

/** Full collections, twice: the first one finds what the second one frees. */
async function heap(what: string): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 2; turn += 1) {
    collect()
    await systemClock.sleep(200)
  }
  print(`HEAP ${what} ${process.memoryUsage().heapUsed}`)
}

process.on('SIGTERM', () => stop.abort(new Error('SIGTERM')))
const { signal } = stop
const running: Promise<void>[] = []
if (mode === 'heap') {
  // a first informer, so that code and connections do not count as nodes
  const first = informer<Namespace>(resources.namespaces)
  running.push(first.run(signal))
  await first.synced({ signal })
  await heap('nothing')
  running.push(nodes.run(signal))
  await nodes.synced({ signal })
  await heap('nodes')
  running.push(pods.run(signal))
  await pods.synced({ signal })
  await heap('pods')
} else {
  running.push(nodes.run(signal), pods.run(signal))
  await Promise.all([nodes.synced({ signal }), pods.synced({ signal })])
}
print(`SYNCED ${unixNs()} nodes=${nodes.cache.size} pods=${pods.cache.size} ${stall()}`)
probe.reset()
await Promise.all(running)
const { CHURN_LOG: churnLog } = process.env
if (churnLog !== undefined) writeFileSync(churnLog, hits.join(''))
print(`EXIT ${stall()} clock_drift_ms=${(Number(unixNs()) / 1e6 - systemClock.now().getTime()).toFixed(1)}`)
await connection.close()
process.exit(0)
